/**
 * Asking a person: the questions that `drawbridge init` needs, and the library that puts them on a terminal.
 *
 * @module
 */
import type { Readable, Writable } from "node:stream";
import * as clack from "@clack/prompts";

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly hint?: string | undefined;
}

export interface Asking {
  text(question: { readonly message: string; readonly placeholder?: string | undefined; readonly initial?: string | undefined; /** What is wrong with an answer; `undefined` = nothing. */ readonly wrong?: (answer: string) => string | undefined }): Promise<string>;
  /** Shown as dots. */
  hidden(question: { readonly message: string; readonly wrong?: (answer: string) => string | undefined }): Promise<string>;
  one(question: { readonly message: string; readonly options: readonly Option[]; readonly initial?: string | undefined }): Promise<string>;
  many(question: { readonly message: string; readonly options: readonly Option[]; readonly initial?: readonly string[]; readonly atLeastOne?: boolean }): Promise<readonly string[]>;
  yes(question: { readonly message: string; readonly initial: boolean }): Promise<boolean>;
  begin(title: string): void;
  say(text: string): void;
  warn(text: string): void;
  /** Something that takes a while. */
  during<T>(message: string, work: () => Promise<T>): Promise<T>;
  end(text: string): void;
}

/** Ctrl-C, or Escape. Nothing was written. */
export class Cancelled extends Error {
  constructor() {
    super("Nothing was written.");
    this.name = "Cancelled";
  }
}

/** A terminal; questions go to `output`, so that standard output is left to the result. */
export function terminal({ input, output }: { readonly input: Readable; readonly output: Writable }): Asking {
  const at = { input, output };
  const answered = <T>(answer: T): Exclude<T, symbol> => {
    if (clack.isCancel(answer)) throw new Cancelled();
    return answer as Exclude<T, symbol>;
  };
  const judged = (wrong: ((answer: string) => string | undefined) | undefined) => (wrong ? { validate: (answer: string | undefined) => wrong(answer ?? "") } : {});
  const shown = ({ value, label, hint }: Option) => ({ value, label, ...(hint !== undefined && { hint }) });
  return {
    text: async ({ message, placeholder, initial, wrong }) =>
      answered(await clack.text({ ...at, message, ...(placeholder !== undefined && { placeholder }), ...(initial !== undefined && { initialValue: initial }), ...judged(wrong) })),
    hidden: async ({ message, wrong }) => answered(await clack.password({ ...at, message, ...judged(wrong) })),
    one: async ({ message, options, initial }) => answered(await clack.select<string>({ ...at, message, options: options.map(shown), ...(initial !== undefined && { initialValue: initial }) })),
    many: async ({ message, options, initial = [], atLeastOne = false }) => answered(await clack.multiselect<string>({ ...at, message, options: options.map(shown), initialValues: [...initial], required: atLeastOne })),
    yes: async ({ message, initial }) => answered(await clack.confirm({ ...at, message, initialValue: initial })),
    begin: (title) => clack.intro(title, at),
    say: (text) => clack.log.message(text, at),
    warn: (text) => clack.log.warn(text, at),
    during(message, work) {
      clack.log.step(message, at);
      return work();
    },
    end: (text) => clack.outro(text, at),
  };
}
