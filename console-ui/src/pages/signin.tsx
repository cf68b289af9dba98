import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem, signInNeeded, signOut } from '../api/http';
import { place, setQuery } from '../app/router';
import { t } from '../i18n';
import { Icon } from '../ui/icons';
import { say } from '../ui/notice';

/** With what the server says in the address why a sign-in failed. */
const FAILED = 'sign-in';
/** In the tab's memory: when it went to sign in by itself, or that the person signed out. */
const MARK = 'amends-sign-in';
const OUT = 'out';
/** Who comes back within this time and is not signed in would be sent to and fro for ever. */
const LOOP = 30_000;

/** The address to sign in, which leads back to what is shown. */
function signInAddress(): string {
  const { path, query } = place.value;
  const params = new URLSearchParams(query);
  params.delete(FAILED);
  const text = params.toString();
  return `${signInNeeded.value?.address ?? ''}?to=${encodeURIComponent(path + (text ? `?${text}` : ''))}`;
}

function SignInLink({ label }: { label: string }): JSX.Element {
  return (
    <a class="button" href={signInAddress()} onClick={() => sessionStorage.removeItem(MARK)}>
      <Icon name="person" />
      {label}
    </a>
  );
}

type Reason = keyof ReturnType<typeof t>['signIn']['reasons'];

/** Why the person has to press a button; null if the page may go to sign in by itself. */
function obstacle(): Reason | 'out' | null {
  const failed = place.peek().query.get(FAILED);
  if (failed !== null) return failed in t().signIn.reasons ? (failed as Reason) : 'not-believed';
  const mark = sessionStorage.getItem(MARK);
  if (mark === OUT) return 'out';
  return mark !== null && Date.now() - Number(mark) < LOOP ? 'no-cookie' : null;
}

/** In the place of every page while nobody is signed in. */
export function SignInPage(): JSX.Element {
  const { signIn } = t();
  const [why] = useState(obstacle);
  useEffect(() => {
    if (why === null) {
      sessionStorage.setItem(MARK, String(Date.now()));
      window.location.assign(new URL(signInAddress(), document.baseURI));
    } else if (place.peek().query.has(FAILED)) {
      setQuery({ [FAILED]: null }, true);
    }
  }, [why]);
  return (
    <section class="panel-state" role="alert">
      <Icon name="person" size={28} />
      <h1>{why === null ? signIn.going : why === 'out' ? signIn.out : signIn.failed}</h1>
      {why !== null && why !== 'out' && (
        <>
          <p>{signIn.reasons[why]}</p>
          <p class="quiet">
            {t().problem.code} <code>{why}</code>
          </p>
        </>
      )}
      <p class="actions">
        <SignInLink label={signIn.action} />
      </p>
    </section>
  );
}

/** Above what was there when the session ended. */
export function SessionEnded(): JSX.Element {
  const { signIn } = t();
  return (
    <p class="stale" role="alert">
      <Icon name="warn" />
      {signIn.ended} <SignInLink label={signIn.action} />
    </p>
  );
}

export function SignOut(): JSX.Element {
  const { signIn } = t();
  const leave = async () => {
    try {
      const address = await signOut();
      sessionStorage.setItem(MARK, OUT);
      window.location.assign(address);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      say(`${signIn.notOut}: ${error.detail}`, 'bad');
    }
  };
  return (
    <button type="button" class="button" onClick={() => void leave()}>
      {signIn.signOut}
    </button>
  );
}
