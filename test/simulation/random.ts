/**
 * Chance that one seed decides: independent streams, so that a question more in one place leaves every other place as it was.
 *
 * @module
 */
export interface Random {
  /** 0 ≤ x < 1. */
  next(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** A stream of its own, always the same for the same seed and name. */
  stream(name: string): Random;
}

export function randomFrom(seed: string): Random {
  let state = digest(seed);
  const next = (): number => {
    // A counter through a mixing function: every 32-bit state is visited once.
    state = (state + 0x9e3779b9) | 0;
    return mixed(state) / 2 ** 32;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (share) => next() < share,
    pick: <T>(list: readonly [T, ...T[]]): T => list[Math.floor(next() * list.length)] ?? list[0],
    stream: (name) => randomFrom(`${seed}/${name}`),
  };
}

function mixed(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}

function digest(text: string): number {
  let state = 0x2545f491;
  for (let at = 0; at < text.length; at++) state = mixed(state ^ (text.charCodeAt(at) + Math.imul(at, 0x9e3779b9)));
  return state;
}
