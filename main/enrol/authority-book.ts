/** The authority of a cluster while nodes are worked on at the same time: each change is made on the newest, and saved. */
import { success, type Result } from '../../common/model/result.ts';
import type { Enrolment } from '../../common/trust/enrolment.ts';
import { Limiter } from '../control/limiter.ts';
import { readAuthority, saveAuthority, type Authority } from './authority.ts';

export class AuthorityBook {
  readonly #dataFolder: string;
  readonly #turn = new Limiter(1);
  #authority: Authority;

  /** `authority` may be new and nowhere yet; the first change saves it. */
  constructor(dataFolder: string, authority: Authority) {
    this.#dataFolder = dataFolder;
    this.#authority = authority;
  }

  get authority(): Authority {
    return this.#authority;
  }

  /** Changes and saves it. Problems: those of the file. */
  async change(make: (authority: Authority) => Authority): Promise<Result<void>> {
    const changed = await this.changeWith((authority) =>
      Promise.resolve(success({ authority: make(authority), enrolment: undefined })),
    );
    return changed.ok ? success(undefined) : changed;
  }

  /** Changes it by what also gives something, which counts only when the change is saved. Problems: of both. */
  changeWith<Given extends Enrolment | undefined>(
    make: (
      authority: Authority,
    ) => Promise<Result<{ readonly authority: Authority; readonly enrolment: Given }>>,
  ): Promise<Result<Given>> {
    return this.#turn.run(async () => {
      // Another program may have changed it.
      const newest = await readAuthority(this.#dataFolder, this.#authority.cluster);
      if (!newest.ok) return newest;
      const made = await make(newest.value ?? this.#authority);
      if (!made.ok) return made;
      const saved = await saveAuthority(this.#dataFolder, made.value.authority);
      if (!saved.ok) return saved;
      this.#authority = made.value.authority;
      return success(made.value.enrolment);
    });
  }
}
