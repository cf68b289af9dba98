// A small OpenID provider on a loopback address: discovery, a page on which a person says who they are, tokens that are signed
// with a key of this run, and a page to sign out. It believes nobody: client, redirect address, code and PKCE verifier are checked.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export const CLIENT = { id: 'amends-console', secret: 'a secret: ü' } as const;

/** Who can sign in, and the groups that they are in. */
const PEOPLE: Readonly<Record<string, readonly string[]>> = { vera: ['support'], olaf: ['ops'] };

interface Given {
  readonly person: string;
  readonly challenge: string;
  readonly nonce: string;
  readonly redirect: string;
}

export interface Provider {
  readonly issuer: string;
  close(): void;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

async function form(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return new URLSearchParams(text);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

function html(response: ServerResponse, title: string, body: string): void {
  response
    .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' })
    .end(`<!doctype html><html lang="en"><title>${title}</title><link rel="icon" href="data:,"><h1>${title}</h1>${body}</html>`);
}

/** Starts one for the console at that address; it sends people back to that one only. */
export async function provide(address: string): Promise<Provider> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomUUID();
  const codes = new Map<string, Given>();
  const redirect = `${address}/auth/callback`;

  function token(given: Given): string {
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: issuer,
      aud: CLIENT.id,
      sub: `id-of-${given.person}`,
      iat: now,
      exp: now + 300,
      nonce: given.nonce,
      preferred_username: given.person,
      groups: PEOPLE[given.person],
    };
    const signed = `${encoded({ alg: 'RS256', kid, typ: 'JWT' })}.${encoded(claims)}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', issuer);
    const asked = url.searchParams;
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /.well-known/openid-configuration':
        json(response, 200, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/keys`,
          end_session_endpoint: `${issuer}/sign-out`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
          token_endpoint_auth_methods_supported: ['client_secret_basic'],
          authorization_response_iss_parameter_supported: true,
        });
        return;
      case 'GET /keys':
        json(response, 200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] });
        return;
      case 'GET /authorize':
      case 'POST /authorize': {
        const right = asked.get('client_id') === CLIENT.id && asked.get('redirect_uri') === redirect && asked.get('response_type') === 'code';
        const bound = asked.get('code_challenge_method') === 'S256' && /^[\w-]{43}$/.test(asked.get('code_challenge') ?? '');
        if (!right || !bound || !asked.get('state') || !asked.get('nonce') || !asked.get('scope')?.split(' ').includes('openid')) {
          json(response, 400, { error: 'invalid_request' });
          return;
        }
        if (request.method === 'GET') {
          const buttons = Object.keys(PEOPLE).map((name) => `<button name="person" value="${name}">${name}</button>`);
          html(response, 'Who are you?', `<form method="post">${buttons.join(' ')}</form>`);
          return;
        }
        const person = (await form(request)).get('person') ?? '';
        const code = randomUUID();
        codes.set(code, { person, challenge: asked.get('code_challenge') ?? '', nonce: asked.get('nonce') ?? '', redirect });
        const back = new URLSearchParams({ code, state: asked.get('state') ?? '', iss: issuer });
        response.writeHead(303, { Location: `${redirect}?${back}` }).end();
        return;
      }
      case 'POST /token': {
        const body = await form(request);
        const code = body.get('code') ?? '';
        const given = codes.get(code);
        codes.delete(code);
        const credentials = `${encodeURIComponent(CLIENT.id)}:${encodeURIComponent(CLIENT.secret).replaceAll('%20', '+')}`;
        const known = request.headers.authorization === `Basic ${Buffer.from(credentials).toString('base64')}`;
        const challenge = createHash('sha256').update(body.get('code_verifier') ?? '').digest('base64url');
        if (!known) json(response, 401, { error: 'invalid_client' });
        else if (!given || given.challenge !== challenge || body.get('redirect_uri') !== given.redirect) json(response, 400, { error: 'invalid_grant' });
        else json(response, 200, { token_type: 'Bearer', access_token: randomUUID(), expires_in: 300, id_token: token(given) });
        return;
      }
      case 'GET /sign-out': {
        const to = asked.get('post_logout_redirect_uri') ?? '';
        if (!to.startsWith(`${address}/`)) json(response, 400, { error: 'invalid_request' });
        else html(response, 'Sign out?', `<a href="${to}">Yes</a>`);
        return;
      }
      default:
        response.writeHead(404).end();
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { issuer, close: () => server.close() };
}
