import { speak } from '$lib/language.svelte';

export const words = speak({
  en: {
    all: 'All',
    calm: 'Nothing to look at',
    calmLong: 'No warning is open on that day.',
    contested: 'Contested facts',
    kind: 'Kind of record',
    none: 'Nothing is contested',
    noneLong: 'No source contradicts another on that day.',
    speaks: 'Spoken against by',
    total: (n: number, text: string) => (n === 1 ? '1 open' : `${text} open`),
    warnings: 'Warnings',
    work: 'What is listed',
  },
  zh: {
    all: '全部',
    calm: '没有需要处理的事项',
    calmLong: '当日没有未处理的警告。',
    contested: '有争议的事实',
    kind: '记录类别',
    none: '没有争议',
    noneLong: '当日没有相互矛盾的来源。',
    speaks: '反对来源',
    total: (_: number, text: string) => `${text} 项未处理`,
    warnings: '警告',
    work: '列出内容',
  },
});
