import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { gazetteer } from './gazetteer.ts';

const OUT = '../api/page';
const SERVER = process.env.FARSHORE_URL ?? 'http://127.0.0.1:8000';

/** Lay a .br and a .gz beside every text file, so that the server never compresses. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      for (const path of files(join(import.meta.dirname, OUT))) {
        if (!/\.(js|css|html|svg|json|webmanifest)$/.test(path)) continue;
        const bytes = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: quality }));
      }
    },
  };
}

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

export default defineConfig({
  plugins: [svelte(), gazetteer(), compressed()],
  resolve: {
    alias: {
      $lib: join(import.meta.dirname, 'src/lib'),
      $components: join(import.meta.dirname, 'src/components'),
    },
  },
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the policy of the page allows no data: addresses
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/openapi.json', '/docs', '/problems', '/readyz'].map((path) => [path, { target: SERVER }]),
    ),
  },
});
