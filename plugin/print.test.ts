import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';
import { EXIT } from './errors/errors.ts';
import { printer } from './print.ts';

let folder = '';
let pipe = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lifecycle-print-'));
  const path = join(folder, 'pipe');
  await execa('mkfifo', [path]);
  // For both directions, or opening would wait for the other end.
  pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
});
afterEach(() => {
  closeSync(pipe);
  rmSync(folder, { recursive: true });
});

class Rest extends Writable {
  readonly chunks: Buffer[] = [];
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

function readAll(): string {
  const bytes = Buffer.alloc(1 << 20);
  return bytes.toString('utf8', 0, readSync(pipe, bytes));
}

describe('printing', () => {
  test('goes to the descriptor at once, and leaves the stream alone', () => {
    printer(pipe, () => {
      throw new Error('the stream is not needed');
    })('grün\n');
    expect(readAll()).toBe('grün\n');
  });

  test('to a pipe that is full goes on with the stream, byte by byte where it stopped', () => {
    const text = 'aé€😀'.repeat(100_000);
    const rest = new Rest();
    printer(pipe, () => rest as unknown as NodeJS.WriteStream)(text);
    const printed = Buffer.alloc(1 << 20);
    const length = readSync(pipe, printed);
    expect(length).toBeGreaterThan(0);
    expect(rest.chunks.length).toBeGreaterThan(0);
    expect(Buffer.concat([printed.subarray(0, length), ...rest.chunks]).toString('utf8') === text).toBe(true);
  });

  test('to a reader that has gone ends without a stack trace, and is no success', () => {
    const path = join(folder, 'pipe');
    const withoutReader = openSync(path, constants.O_WRONLY);
    closeSync(pipe);
    const { status, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--version'], {
      stdio: ['ignore', withoutReader, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(withoutReader);
    pipe = openSync(path, constants.O_RDWR);
    expect({ status, stderr }).toEqual({ status: EXIT.problems, stderr: '' });
  });
});
