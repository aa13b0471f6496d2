import { writeSync } from 'node:fs';
import process from 'node:process';
import { EXIT } from './errors/errors.ts';

/**
 * Prints at once, without the process's stream, which takes milliseconds to load; it prints only what is left when the
 * reader is slow and its pipe does not block.
 */
export function printer(descriptor: number, stream: () => NodeJS.WriteStream): (text: string) => void {
  return (text) => {
    const bytes = Buffer.from(text);
    let printed = 0;
    try {
      while (printed < bytes.length) printed += writeSync(descriptor, bytes, printed);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') giveUp();
      stream().on('error', giveUp).write(bytes.subarray(printed));
    }
  };
}

/** A reader that has seen enough (`lifecycle plan | head`) needs no stack trace; half an output is no success either (I2). */
function giveUp(): never {
  process.exit(EXIT.problems);
}
