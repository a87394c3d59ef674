// Sets the chosen theme before the first paint. Without a choice the system decides.
try {
  const chosen = localStorage.getItem('viewport-theme')
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen
} catch {
  // no storage here: the system decides
}
