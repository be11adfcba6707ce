/** Warnings in the reader's language: the server tells them in English, and what is in them word for word. */

import { reader } from '$lib/language.svelte';
import { meta } from '$lib/meta.svelte';

/** Give the sentence of a warning; one that has no other words here stays as it is. */
export function warned(message: string): string {
  if (reader.language === 'en') return message;
  for (const [form, told] of CHINESE) {
    const found = form.exec(message);
    if (found) return told(...found.slice(1).map((one) => one ?? ''));
  }
  return message;
}

const free = (words: string): string => meta.free(words.replaceAll(' ', '_'));

const CHINESE: [RegExp, (...slots: string[]) => string][] = [
  [/^rests on one weak source$/, () => '仅依据一个薄弱来源'],
  [/^nothing heard since (.+)$/, (day) => `自 ${day} 起没有消息`],
  [/^(.+) was promised for (.*)$/, (milestone, day) => `曾承诺 ${day} 实现：${free(milestone!)}`],
  [/^covers (.+), the value before it (.+)$/, (now, before) => `所涉期间为 ${now}，前一个数值为 ${before}`],
  [/^(base|unit) is '(.+)', before it was '(.+)'$/, (of, now, before) => `${of === 'base' ? '基数' : '单位'}为“${now}”，此前为“${before}”`],
  [/^no permit is on record for where it runs \(stage (.+)\)$/, (stage) => `运营地没有许可记录（阶段：${meta.stageLabel('service', stage!)}）`],
  [
    /^runs \(stage (.+?)\) outside every recorded permit: (.+)$/,
    (stage, lacks) => `运营（阶段：${meta.stageLabel('service', stage!)}）超出所有已记录许可的范围：${lacks}`,
  ],
  [/^ran since (.+), its first permit is of (.+)$/, (since, permit) => `自 ${since} 起运行，首个许可日期为 ${permit}`],
  [/^its legs carry (.+)$/, (counts) => `各航段所载数量不一：${counts}`],
  [/^a leg starts where the one before did not end$/, () => '某一航段的起点并非前一航段的终点'],
  [/^what was counted is not what any leg carries$/, () => '清点数量与任何航段所载都不相符'],
  [/^usually logged when .+, not when .+$/, () => '通常不在此阶段记录'],
  [/^nothing on record says where it was before$/, () => '没有记录说明它此前在何处'],
  [/^nothing on record says that it was .+$/, () => '没有记录说明它此前的状态'],
  [/^(\S+) binds (.+); (\S+) is with others$/, (own, tied, other) => `${own} 对 ${tied} 具有排他性；${other} 另有合作方`],
  [/^may be the same as (.+)$/, (other) => `可能与 ${other} 重复`],
];
