// What is wrong with how a page is laid out, whatever the fonts are: text that is cut off or lies on other text, controls that
// lie on each other, and what stands outside of the window.
import type { Page } from 'playwright-core';

/** What is wrong, in words; nothing if all is well. */
export function crooked(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    /** A difference that nobody sees. */
    const LITTLE = 2;
    const MOST = 10;
    const wrong: string[] = [];
    const name = (element: Element): string => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}"> ${(element.textContent ?? '').trim().slice(0, 40)}`;
    const overlap = (a: DOMRect, b: DOMRect): boolean => Math.min(a.right, b.right) - Math.max(a.left, b.left) > LITTLE && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > LITTLE;

    const over = document.documentElement.scrollWidth - window.innerWidth;
    if (over > 0) wrong.push(`${over} px wider than the window`);

    // what lies above the rest on purpose is looked at by itself
    const dialog = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document.querySelector(':popover-open');
    const root = dialog ?? document.body;
    const floats = (element: Element): boolean => {
      for (let one: Element | null = element; one !== null && one !== root; one = one.parentElement) {
        if (['fixed', 'sticky'].includes(getComputedStyle(one).position) || one.matches('[popover]')) return true;
      }
      return false;
    };
    /** What is seen of it: where a part that scrolls, or that hides what is too much, ends. */
    const seen = (element: Element, rect: DOMRect): DOMRect | null => {
      let { left, top, right, bottom } = rect;
      for (let one: Element | null = element; one !== null && one !== document.documentElement; one = one.parentElement) {
        if (getComputedStyle(one).overflow === 'visible') continue;
        const box = one.getBoundingClientRect();
        left = Math.max(left, box.left);
        top = Math.max(top, box.top);
        right = Math.min(right, box.right);
        bottom = Math.min(bottom, box.bottom);
      }
      return right - left > LITTLE && bottom - top > LITTLE ? new DOMRect(left, top, right - left, bottom - top) : null;
    };
    /** What only a screen reader says is clipped to nothing. */
    const isForEars = (element: Element): boolean => {
      for (let one: Element | null = element; one !== null && one !== root; one = one.parentElement) if (getComputedStyle(one).clipPath === 'inset(50%)') return true;
      return false;
    };
    const isShown = (element: Element): boolean => element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !isForEars(element);

    const texts: { readonly element: Element; readonly node: Node; readonly rect: DOMRect }[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || !node.textContent?.trim() || !isShown(element) || element.closest('.skip-link, svg, .uplot, select')) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const whole of range.getClientRects()) {
        if (whole.width < 1) continue;
        const rect = seen(element, whole);
        if (rect === null) continue;
        if (!floats(element)) texts.push({ element, node, rect });
        if (rect.left < -LITTLE) wrong.push(`begins ${Math.round(-rect.left)} px left of the window: ${name(element)}`);
      }
      // what is cut says so by three dots, or can be scrolled
      for (let one: Element | null = element; one !== null && one !== root; one = one.parentElement) {
        const style = getComputedStyle(one);
        const isClipped = (flow: string): boolean => flow === 'hidden' || flow === 'clip';
        if (isClipped(style.overflowX) && one.scrollWidth - one.clientWidth > LITTLE && style.textOverflow !== 'ellipsis') wrong.push(`cut off at its right: ${name(one)}`);
        if (isClipped(style.overflowY) && one.scrollHeight - one.clientHeight > LITTLE && style.webkitLineClamp === 'none') wrong.push(`cut off at its bottom: ${name(one)}`);
      }
    }
    texts.sort((a, b) => a.rect.top - b.rect.top);
    for (const [i, a] of texts.entries()) {
      for (let j = i + 1; j < texts.length; j++) {
        const b = texts[j];
        if (!b || b.rect.top > a.rect.bottom - LITTLE) break;
        // lines of one text may touch
        if (a.node !== b.node && overlap(a.rect, b.rect)) wrong.push(`text on text: ${name(a.element)} and ${name(b.element)}`);
      }
    }
    const controls = [...root.querySelectorAll('button, input, select, textarea, summary, .button, .tabs a')]
      .filter((one) => isShown(one) && !floats(one))
      .map((element) => ({ element, rect: seen(element, element.getBoundingClientRect()) }));
    for (const [i, a] of controls.entries()) {
      for (const b of controls.slice(i + 1)) {
        if (a.rect && b.rect && !a.element.contains(b.element) && !b.element.contains(a.element) && overlap(a.rect, b.rect)) wrong.push(`control on control: ${name(a.element)} and ${name(b.element)}`);
      }
    }
    return [...new Set(wrong)].slice(0, MOST);
  });
}
