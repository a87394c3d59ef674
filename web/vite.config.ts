import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    // The app is served under a content security policy without inline scripts or data: scripts.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
})
