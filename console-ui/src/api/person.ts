// A page that is open asks the server all the time; only what a person does keeps their session alive.

let acted = true; // opening the page is an act

/** Whether the person did something since this was asked last. */
export function actedSinceAsked(): boolean {
  const answer = acted;
  acted = false;
  return answer;
}

export function startPerson(): void {
  const mark = () => {
    acted = true;
  };
  for (const kind of ['pointerdown', 'keydown', 'wheel']) window.addEventListener(kind, mark, { capture: true, passive: true });
}
