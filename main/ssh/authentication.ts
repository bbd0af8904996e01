/**
 * Proves who we are to one host: ssh-agent and key files, then keyboard-interactive, then password. Every step is told to
 * the connection log; secrets never are.
 */
import ssh2, {
  BaseAgent,
  createAgent,
  type AnyAuthMethod,
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import type { Question } from '../prompter.ts';
import type { Attempt } from './attempt.ts';
import { plainText } from './failure.ts';
import type { HostConfig } from './host-config.ts';
import { signWith } from './key-file.ts';
import type { Identity, KeyRing } from './key-ring.ts';
import type { SharedQuestions } from './shared-questions.ts';

/** A password that worked, kept in memory for making the same connection again. */
export interface RememberedSecret {
  password: string | undefined;
}

/** What authentication works with. */
export interface AuthenticationTools {
  readonly keys: KeyRing;
  readonly questions: SharedQuestions;
}

const PASSWORD_TRIES = 3;
const MOST_FIELDS = 20;

interface Offer {
  readonly publicKey: Buffer;
  readonly about: string;
  sign(data: Buffer, hash: string | undefined): Promise<Buffer | undefined>;
}

/** An agent in this process: offers the keys of ssh-agent and of files in one order, and signs with either. */
class OfferingAgent extends BaseAgent {
  readonly #offers: readonly Offer[];

  constructor(offers: readonly Offer[]) {
    super();
    this.#offers = offers;
  }

  override getIdentities(callback: IdentityCallback): void {
    callback(
      undefined,
      this.#offers.map((offer) => offer.publicKey),
    );
  }

  override sign(
    publicKey: string | Buffer | ParsedKey,
    data: Buffer,
    optionsOrCallback: SigningRequestOptions | SignCallback,
    lastCallback?: SignCallback,
  ): void {
    const isCallback = typeof optionsOrCallback === 'function';
    const callback = isCallback ? optionsOrCallback : lastCallback;
    const hash = isCallback ? undefined : optionsOrCallback.hash;
    const key = ssh2.utils.parseKey(publicKey);
    const wanted = key instanceof Error ? undefined : key.getPublicSSH();
    const offer = this.#offers.find((each) => wanted?.equals(each.publicKey));
    void (async (): Promise<void> => {
      try {
        const signature = await offer?.sign(data, hash);
        if (signature === undefined) callback?.(new Error('The key did not sign.'));
        else callback?.(undefined, signature);
      } catch (error) {
        callback?.(error instanceof Error ? error : new Error(String(error)));
      }
    })();
  }
}

/** One host's authentication, over one connection. */
export class Authentication {
  readonly #host: HostConfig;
  readonly #tools: AuthenticationTools;
  readonly #attempt: Attempt;
  readonly #secret: RememberedSecret;
  /** What was tried, for the message when nothing worked. */
  readonly #tried: string[] = [];
  #keysOffered = false;
  #methodsAsked = false;
  #passwordsAsked = 0;
  #keyboardGivenUp = false;
  #lastPassword: string | undefined;
  #withoutAnswer: string | undefined;
  readonly #giveUp: () => void;

  /** `giveUp` is called when a question of the host finds no answer: sending an empty one would count as a failed login. */
  constructor(
    host: HostConfig,
    tools: AuthenticationTools,
    attempt: Attempt,
    secret: RememberedSecret,
    giveUp: () => void,
  ) {
    this.#host = host;
    this.#tools = tools;
    this.#attempt = attempt;
    this.#secret = secret;
    this.#giveUp = giveUp;
  }

  /** What was tried, in words. */
  get tried(): string {
    const tried = this.#tried.length === 0 ? 'nothing could be offered' : `tried ${this.#tried.join(', ')}`;
    return this.#withoutAnswer === undefined ? tried : `${tried}; ${this.#withoutAnswer}`;
  }

  /** To be called when it worked: the password is kept. */
  succeeded(): void {
    this.#secret.password = this.#lastPassword;
  }

  /** The next method to try, or false when there is none left. `left` is undefined while the host has not said. */
  async next(left: readonly string[] | undefined): Promise<AnyAuthMethod | false> {
    const { user: username, methods } = this.#host;
    if (!this.#keysOffered && methods.publicKey) {
      this.#keysOffered = true;
      const offers = await this.#offers();
      if (offers.length > 0) return { type: 'agent', username, agent: new OfferingAgent(offers) };
    }
    // Without keys, and after them, nobody has said yet which methods the host takes; asking for none makes it say.
    if (!this.#methodsAsked) {
      this.#methodsAsked = true;
      return { type: 'none', username };
    }
    this.#dropPassword();
    const allowed = left ?? [];
    if (this.#withoutAnswer === undefined && this.#passwordsAsked < PASSWORD_TRIES) {
      if (methods.keyboardInteractive && allowed.includes('keyboard-interactive') && !this.#keyboardGivenUp) {
        // Given up unless the host asks something.
        this.#keyboardGivenUp = true;
        return { type: 'keyboard-interactive', username, prompt: this.#onPrompts };
      }
      if (methods.password && allowed.includes('password')) {
        const password = await this.#password();
        if (password !== undefined) return { type: 'password', username, password };
      }
    }
    return false;
  }

  async #offers(): Promise<readonly Offer[]> {
    const { identityFiles, identitiesOnly } = this.#host;
    const fromAgent = await this.#agentOffers();
    const files: Identity[] = [];
    for (const file of identityFiles) {
      const identity = await this.#tools.keys.identity(file, this.#attempt);
      if (identity !== undefined) files.push(identity);
    }
    const isNamed = (offer: Offer): boolean => files.some((file) => file.publicKey.equals(offer.publicKey));
    const inAgent = (file: Identity): boolean =>
      fromAgent.some((offer) => offer.publicKey.equals(file.publicKey));
    const ordered = [
      ...fromAgent.filter(isNamed),
      ...fromAgent.filter((offer) => !isNamed(offer) && !identitiesOnly),
      ...files.filter((file) => !inAgent(file)).map((file) => this.#fileOffer(file)),
    ];
    this.#tried.push(...ordered.map((offer) => offer.about));
    if (ordered.length > 0) {
      this.#attempt.report(
        `offering ${ordered.length} ${ordered.length === 1 ? 'key' : 'keys'} to ${this.#host.name}`,
      );
    }
    return ordered;
  }

  #fileOffer(file: Identity): Offer {
    return {
      publicKey: file.publicKey,
      about: `key ${file.path}`,
      sign: async (data, hash) => {
        const key = await file.unlock(this.#attempt);
        return key === undefined ? undefined : signWith(key, data, hash);
      },
    };
  }

  #agentOffers(): Promise<readonly Offer[]> {
    const socket = this.#host.agentSocket;
    if (socket === undefined) return Promise.resolve([]);
    const agent = createAgent(socket);
    return new Promise((resolve) => {
      agent.getIdentities((error, keys) => {
        if (error) {
          this.#attempt.report(`ssh-agent at ${socket} does not answer`);
          return resolve([]);
        }
        // What ssh2 cannot use (certificates, security keys) it leaves out itself.
        const usable = (keys ?? []) as readonly ParsedKey[];
        resolve(
          usable.map((key) => ({
            publicKey: key.getPublicSSH(),
            about: `key ${plainText(key.comment, 100) || key.type} of ssh-agent`,
            sign: (data, hash) =>
              new Promise((signed) => {
                const options = { hash: hash as 'sha256' | 'sha512' };
                agent.sign(key, data, hash === undefined ? {} : options, (refusal, signature) => {
                  if (refusal)
                    this.#attempt.report(`ssh-agent did not sign with ${plainText(key.comment, 100)}`);
                  signed(refusal ? undefined : signature);
                });
              }),
          })),
        );
      });
    });
  }

  readonly #onPrompts = (
    name: string,
    instructions: string,
    _language: string,
    prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
    finish: (answers: string[]) => void,
  ): void => {
    void this.#answerPrompts(name, instructions, prompts).then((answers) =>
      answers === undefined ? this.#giveUp() : finish(answers),
    );
  };

  async #answerPrompts(
    name: string,
    instructions: string,
    prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
  ): Promise<string[] | undefined> {
    this.#keyboardGivenUp = false;
    const [only] = prompts;
    const isPassword = prompts.length === 1 && only?.echo !== true && /passw/i.test(only?.prompt ?? '');
    if (isPassword) {
      // Some hosts ask again within the same method.
      this.#dropPassword();
      if (this.#passwordsAsked >= PASSWORD_TRIES) return undefined;
      const password = await this.#password();
      return password === undefined ? undefined : [password];
    }
    if (this.#passwordsAsked >= PASSWORD_TRIES || prompts.length > MOST_FIELDS) return undefined;
    this.#passwordsAsked += 1;
    if (!this.#tried.includes('keyboard-interactive')) this.#tried.push('keyboard-interactive');
    const fields = prompts.map(({ prompt, echo }) => ({
      label: plainText(prompt, 200),
      echo: echo === true,
    }));
    const title = plainText(name, 200) || `${this.#host.name} asks`;
    const instruction = plainText(instructions, 2000);
    const answers = await this.#ask({ title, instruction, fields });
    return answers && prompts.map((_prompt, index) => answers[index] ?? '');
  }

  /** A password that did not help is no longer one to keep. */
  #dropPassword(): void {
    if (this.#lastPassword === undefined) return;
    this.#lastPassword = undefined;
    this.#secret.password = undefined;
    this.#attempt.report(`${this.#host.name} did not accept the password`);
  }

  async #password(): Promise<string | undefined> {
    if (!this.#tried.includes('password')) this.#tried.push('password');
    const remembered = this.#secret.password;
    if (remembered !== undefined) {
      this.#attempt.report(`using the password given before for ${this.#host.name}`);
      this.#lastPassword = remembered;
      return remembered;
    }
    this.#passwordsAsked += 1;
    const answers = await this.#ask({
      title: `Password of ${this.#host.user} on ${this.#host.name}`,
      instruction:
        this.#passwordsAsked === 1
          ? ''
          : `That was not it. Try ${this.#passwordsAsked} of ${PASSWORD_TRIES}.`,
      fields: [{ label: 'Password', echo: false }],
    });
    this.#lastPassword = answers?.[0];
    return this.#lastPassword;
  }

  async #ask(
    what: Pick<Extract<Question, { kind: 'secret' }>, 'title' | 'instruction' | 'fields'>,
  ): Promise<readonly string[] | undefined> {
    const { user, host, port, name } = this.#host;
    if (this.#attempt.background) {
      this.#withoutAnswer = 'a connection made again by itself does not ask for a password';
      return undefined;
    }
    const answers = await this.#attempt.asking(`asking for a password for ${user} on ${name}`, () =>
      this.#tools.questions.ask(
        `secret ${user}@${host}:${port} ${what.title} ${what.fields.map((field) => field.label).join()}`,
        { kind: 'secret', name: `${user}@${host}:${port}`, ...what },
        this.#attempt.signal,
      ),
    );
    if (answers === null) this.#withoutAnswer = 'no answer was given';
    return answers ?? undefined;
  }
}
