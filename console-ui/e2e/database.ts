import { type Socket, connect } from 'node:net';

const PROTOCOL = 196_608; // 3.0

/**
 * Runs statements in the example's database, which trusts whoever is on the machine; gives the rows of the last one. Only as
 * much of PostgreSQL's protocol as a test needs that seeds: the simple query (PostgreSQL documentation, chapter 54).
 */
export async function sql(port: number, statements: string): Promise<readonly (readonly (string | null)[])[]> {
  const socket = connect(port, '127.0.0.1');
  try {
    const startup = Buffer.from(`user\0postgres\0database\0postgres\0\0`);
    socket.write(Buffer.concat([int32(startup.length + 8), int32(PROTOCOL), startup]));
    await answer(socket);
    const text = Buffer.from(`${statements}\0`);
    socket.write(Buffer.concat([Buffer.from('Q'), int32(text.length + 4), text]));
    return await answer(socket);
  } finally {
    socket.destroy();
  }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** The rows that come before the server is ready for the next query. */
function answer(socket: Socket): Promise<(string | null)[][]> {
  return new Promise((done, failed) => {
    let bytes = Buffer.alloc(0);
    let rows: (string | null)[][] = [];
    const end = (result: () => void) => {
      socket.off('data', read);
      socket.off('error', failed);
      socket.off('close', gone);
      result();
    };
    const gone = () => end(() => failed(new Error('the database closed the connection')));
    const read = (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 5 && bytes.length > bytes.readInt32BE(1)) {
        const kind = String.fromCharCode(bytes[0] ?? 0);
        const body = bytes.subarray(5, bytes.readInt32BE(1) + 1);
        bytes = bytes.subarray(bytes.readInt32BE(1) + 1);
        if (kind === 'T') rows = [];
        else if (kind === 'D') rows.push(row(body));
        else if (kind === 'E') return end(() => failed(new Error(body.toString('utf8').replaceAll('\0', ' '))));
        else if (kind === 'R' && body.readInt32BE(0) !== 0) return end(() => failed(new Error('the database asks for a password')));
        else if (kind === 'Z') return end(() => done(rows));
      }
    };
    socket.on('data', read);
    socket.on('error', failed);
    socket.on('close', gone);
  });
}

function row(body: Buffer): (string | null)[] {
  const values: (string | null)[] = [];
  let at = 2;
  for (let i = body.readInt16BE(0); i > 0; i--) {
    const length = body.readInt32BE(at);
    at += 4;
    values.push(length < 0 ? null : body.toString('utf8', at, at + length));
    at += Math.max(0, length);
  }
  return values;
}
