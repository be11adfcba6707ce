/** Warnings in the reader's language: the server tells them in English, and what is in them word for word. */

import { written } from '$lib/dates';
import { reader } from '$lib/language.svelte';
import { meta } from '$lib/meta.svelte';
import { fieldLabel } from '$lib/values';

/** Give the sentence of a warning about a subject of a kind; one without other words here stays as it is. */
export function warned(message: string, kind: string): string {
  if (reader.language === 'en') return message;
  for (const [form, told] of CHINESE) {
    const found = form.exec(message);
    if (found) return told(...found.slice(1).map((one) => one ?? ''), kind);
  }
  return message;
}

const free = (words: string): string => meta.free(words.replaceAll(' ', '_'));

const PARTS: Record<string, string> = {
  'first half of': '40',
  'second half of': '41',
  ...Object.fromEntries(['spring', 'summer', 'autumn', 'winter'].map((name, at) => [name, `${21 + at}`])),
  ...Object.fromEntries([1, 2, 3, 4].map((one) => [`Q${one}`, `${32 + one}`])),
};

/** Write a date that the server told in English: “first half of 2026”, “about 2025-11 to 2026”. */
function dated(words: string): string {
  const [, open, days = ''] = /^(by |from )?(.+)$/.exec(words) ?? [];
  const edtf = days.split(' to ').map(edtfOf).join('/');
  return written(open === 'by ' ? `/${edtf}` : open ? `${edtf}/` : edtf);
}

function edtfOf(words: string): string {
  const [, about, part, day = ''] = /^(about )?(?:(.+) )?(\S+)$/.exec(words) ?? [];
  return day + (part ? `-${PARTS[part]}` : '') + (about ? '~' : '');
}

const SIGNS: Record<string, string> = { 'about ': '约 ', 'more than ': '超过 ', 'fewer than ': '少于 ' };

function counted(words: string): string {
  const [, sign = '', number = words, unit = ''] = /^(about |more than |fewer than )?([\d,.]+(?: to [\d,.]+)?) (.+)$/.exec(words) ?? [];
  return `${SIGNS[sign] ?? ''}${number.replace(' to ', '–')} ${meta.free(unit)}`;
}

const LACKS: Record<string, string> = { 'not live': '未生效', organization: '机构不符', place: '地点不符', activity: '活动不符' };

/** Say of each permit why it does not fit: “a (not live, place), b (activity)”. */
function lacking(words: string): string {
  const permits = words.replaceAll('), ', ')、');
  return permits.replace(/ \((.*?)\)/g, (_, why: string) => `（${why.split(', ').map((one) => LACKS[one] ?? one).join('、')}）`);
}

const CHINESE: [RegExp, (...slots: string[]) => string][] = [
  [/^rests on one weak source$/, () => '仅依据一个薄弱来源'],
  [/^nothing heard since (.+)$/, (day) => `自${dated(day!)}起没有消息`],
  [/^(.+) was promised for (.*)$/, (milestone, day) => `曾承诺${dated(day!)}实现：${free(milestone!)}`],
  [/^covers (.+), the value before it (.+)$/, (now, before) => `所涉期间为${dated(now!)}，前一个数值为${dated(before!)}`],
  [
    /^(.+) is (['"])(.+)\2, before it was (['"])(.+)\4$/,
    (of, _, now, __, before) => `${of === 'base' ? '基数' : '单位'}为“${meta.free(now!)}”，此前为“${meta.free(before!)}”`,
  ],
  [/^no permit is on record for where it runs \(stage (.+)\)$/, (stage) => `运营地没有许可记录（阶段：${meta.stageLabel('service', stage!)}）`],
  [
    /^runs \(stage (.+?)\) outside every recorded permit: (.+)$/,
    (stage, lacks) => `运营（阶段：${meta.stageLabel('service', stage!)}）超出所有已记录许可的范围：${lacking(lacks!)}`,
  ],
  [/^ran since (.+), its first permit is of (.+)$/, (since, permit) => `自${dated(since!)}起运行，首个许可日期为${dated(permit!)}`],
  [/^its legs carry (.+)$/, (counts) => `各航段所载数量不一：${counts!.split(', then ').map(counted).join('，其后 ')}`],
  [/^a leg starts where the one before did not end$/, () => '某一航段的起点并非前一航段的终点'],
  [/^what was counted is not what any leg carries$/, () => '清点数量与任何航段所载都不相符'],
  [/^usually logged when .+, not when .+$/, () => '通常不在此阶段记录'],
  [/^nothing on record says where it was before$/, () => '没有记录说明它此前在何处'],
  [/^nothing on record says that it was .+$/, () => '没有记录说明它此前的状态'],
  [
    /^(\S+) binds (.+?)(?: for (.+))?; (\S+) is with others$/,
    (own, tied, scope, other) => `${own} 对 ${tied!.replaceAll(' and ', '、')} 具有排他性${scope && `（${scope}）`}；${other} 另有合作方`,
  ],
  [
    /^claims differ on (.+)$/,
    (...given) => `传闻说法不一：${given[0]!.split(', ').map((field) => fieldLabel(given.at(-1)!, field)).join('、')}`,
  ],
  [/^may be the same as (.+)$/, (other) => `可能与 ${other} 重复`],
];
