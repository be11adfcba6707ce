/** Who is signed in. The secret is in an HttpOnly cookie: the page never keeps it. */

import { get, onAnswer, Problem, write, type Schemas } from './api';

class Session {
  /** Who; null where nobody is, undefined while it is being found out. */
  me = $state.raw<Schemas['Me'] | null | undefined>(undefined);
  /** Why it could not be found out: the server is away, not the session. */
  problem = $state.raw<Problem | null>(null);

  constructor() {
    onAnswer((problem) => {
      if (problem?.status === 401 && this.me) this.me = null;
    });
  }

  async find(): Promise<void> {
    const secret = /^#token=(.+)$/.exec(location.hash)?.[1];
    if (secret) {
      history.replaceState(null, '', location.pathname + location.search);
      await this.enter(decodeURIComponent(secret)).catch(() => this.look());
    } else await this.look();
  }

  async look(): Promise<void> {
    try {
      this.me = await get<Schemas['Me']>('/v1/me');
      this.problem = null;
    } catch (error) {
      if (error instanceof Problem && error.status !== 401) this.problem = error;
      else this.me = null;
    }
  }

  async enter(token: string): Promise<void> {
    await write('POST', '/v1/session', { token });
    this.me = await get<Schemas['Me']>('/v1/me');
  }

  async leave(): Promise<void> {
    await write('DELETE', '/v1/session');
    this.me = null;
  }

  /** Whether the role may record an event of a type: buttons ask it. */
  may(type: string): boolean {
    return this.me?.may_record.includes(type) ?? false;
  }

  get role(): string {
    return this.me?.role ?? 'reader';
  }
}

export const session = new Session();
