import { speak } from '$lib/language.svelte';

export const words = speak({
  en: {
    base: (base: string) => `of ${base}`,
    empty: 'No indicator is known on that day',
    emptyLong: 'Log one, or look at a later day.',
    filter: 'Filter by what is measured or where',
    forecast: 'forecast',
    month: (n: number) => (n === 12 ? 'a year' : n === 6 ? 'a half-year' : n === 3 ? 'a quarter' : n === 1 ? 'a month' : `${n} months`),
    day: (n: number) => (n === 1 ? 'a day' : n === 7 ? 'a week' : `${n} days`),
    none: 'No indicator fits the filter',
    reported: 'reported',
    rule: 'A chart holds only values that can be compared: of one base, one unit, one length of period, and either reported or forecast.',
    values: (n: number, text: string) => (n === 1 ? '1 value' : `${text} values`),
  },
  zh: {
    base: (base: string) => `占${base}`,
    empty: '当日没有已知指标',
    emptyLong: '记录一个指标，或查看更晚的日期。',
    filter: '按指标或地点筛选',
    forecast: '预测',
    month: (n: number) => (n === 12 ? '每年' : n === 6 ? '每半年' : n === 3 ? '每季度' : n === 1 ? '每月' : `每 ${n} 个月`),
    day: (n: number) => (n === 1 ? '每日' : n === 7 ? '每周' : `每 ${n} 天`),
    none: '没有符合筛选条件的指标',
    reported: '实际',
    rule: '每张图只包含可比的数值：同一基数、同一单位、同一周期长度，且同为实际值或预测值。',
    values: (_: number, text: string) => `${text} 个数值`,
  },
});
