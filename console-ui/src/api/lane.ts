/** A key that stands in a path as it is; another one is written as `~` and its bytes. */
const PLAIN = /^(?!\.{1,2}$)[A-Za-z0-9._-]+$/;

/**
 * A lane's key as one segment of a path. What servers and proxies refuse there or read as something else (the slash behind a
 * tenant above all) is `~` and the base64url of its UTF-8, without padding.
 */
export function laneSegment(key: string): string {
  if (PLAIN.test(key)) return key;
  const bytes = [...new TextEncoder().encode(key)].map((byte) => String.fromCharCode(byte)).join('');
  return `~${btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}`;
}

/** The key of such a segment, which is decoded already; one that is not made so stands for itself. */
export function laneKeyOf(segment: string): string {
  if (!/^~[A-Za-z0-9_-]+$/.test(segment)) return segment;
  try {
    const bytes = atob(segment.slice(1).replace(/-/g, '+').replace(/_/g, '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes, (one) => one.charCodeAt(0)));
  } catch {
    return segment; // neither base64url nor UTF-8
  }
}

/** Where a lane is: in the page, and in the API. */
export const laneAddress = (processor: string, key: string): string => `lanes/${encodeURIComponent(processor)}/${laneSegment(key)}`;
