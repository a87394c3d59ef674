import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    target: ['chrome123', 'edge123', 'firefox128', 'safari17.5'],
    // The app is served under a content security policy without inline scripts or data: scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
})
