// This package has no types: importing it adds its style sheet.
declare module '@fontsource-variable/jetbrains-mono'
