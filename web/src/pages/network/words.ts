import { speak } from '$lib/language.svelte';

export const words = speak({
  en: {
    all: 'Everybody',
    empty: 'Nobody works with anybody on that day',
    emptyLong: 'Partnerships, services and investments that are under way make this picture. Look on another day.',
    find: 'Find an organization',
    graph: 'Who works with whom. The list beside it says the same.',
    least: 'With at least so many partners',
    list: 'Organizations by number of partners',
    partners: (n: number, text: string) => (n === 1 ? '1 partner' : `${text} partners`),
    role: 'Role',
    roles: 'Any role',
    through: 'through',
    around: (name: string) => `Around ${name}`,
  },
  zh: {
    all: '全部',
    empty: '当日没有合作关系',
    emptyLong: '本图由进行中的合作、服务和投资构成。请查看其他日期。',
    find: '查找机构',
    graph: '谁与谁合作。旁边的列表内容相同。',
    least: '合作方数量下限',
    list: '按合作方数量排列的机构',
    partners: (_: number, text: string) => `${text} 个合作方`,
    role: '角色',
    roles: '任何角色',
    through: '通过',
    around: (name: string) => `围绕${name}`,
  },
});
