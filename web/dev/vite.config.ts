import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { story } from './story-plugin.ts'

/** The app with the story's answers instead of a control plane. For working on pages only. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  plugins: [react(), story()],
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
})
