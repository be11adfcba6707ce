/** Made while building by gazetteer.ts: of each country its number in the atlas, a point, and its towns. */
declare module 'virtual:places' {
  const lands: Record<string, [id: string, lon: number, lat: number, towns: () => Promise<{ default: string }>]>;
  export default lands;
}
