/**
 * Where log lines go: to a descriptor that may be read by nobody.
 *
 * Node writes to a pipe that is full by standing still, and with it would stand every request and every denial. Here what a reader
 * does not take is kept up to a limit and then dropped and counted; once the reader goes on, one line says how many are missing. A file
 * or a terminal is written to at once.
 *
 * @module
 */
import { fstatSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { Writable } from "node:stream";

/** So many bytes wait for a reader, at most. */
const mostBytes = 1_048_576;

let dropped = 0;
/** Lines of this process that nobody has read in time. */
export const droppedLines = (): number => dropped;

/** @param missing the line that says how many are missing */
export function openSink(fd: number, missing: (count: number) => string): Writable {
  const { isPipe, write } = openWay(fd);
  let lost = 0;
  return new Writable({
    decodeStrings: false,
    write(line: string | Buffer, _encoding, done) {
      done(); // whatever becomes of the line, nobody waits for it
      if (isPipe && waiting() > mostBytes) {
        lost += 1;
        dropped += 1;
        return;
      }
      if (lost > 0) write(missing(lost));
      lost = 0;
      write(line);
    },
  });

  function waiting(): number {
    return pipes.get(fd)?.writableLength ?? 0;
  }
}

/** One stream for each descriptor: a second one would have lines of its own to wait for. */
const pipes = new Map<number, Socket>();

function openWay(fd: number): { readonly isPipe: boolean; write(line: string | Buffer): void } {
  if (!isPipe(fd)) return { isPipe: false, write: (line) => quietly(() => void writeSync(fd, line as string)) };
  const pipe = pipes.get(fd) ?? new Socket({ fd, readable: false, writable: true });
  if (!pipes.has(fd)) pipe.on("error", () => {}); // a reader that is gone ends the log, not the server
  pipes.set(fd, pipe);
  return { isPipe: true, write: (line) => void pipe.write(line) };
}

function isPipe(fd: number): boolean {
  try {
    const about = fstatSync(fd);
    return about.isFIFO() || about.isSocket();
  } catch {
    return false; // it is closed
  }
}

function quietly(step: () => void): void {
  try {
    step();
  } catch {
    dropped += 1; // a full disk, a closed descriptor: the log has an end, the server has not
  }
}
