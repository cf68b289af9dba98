/** What is shown in another language than the page's; what others wrote is marked as theirs, quoted, or set as code. */
export function leftIn(root: Element, language: 'en' | 'zh-CN'): readonly string[] {
  // no language: names of the product, of formats, and of what programmers write; inside, so that a browser can be given the whole
  const names = /\b(Amends|English|HTTP|UTC|SQL|JSON|Esc|Enter)\b/g;
  const left: string[] = [];
  const walker = root.ownerDocument.createTreeWalker(root, 4 /* text */);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    if (!parent || parent.closest('body [lang], code, kbd, .mono, option, script, style, noscript')) continue;
    const text = (node.textContent ?? '').replace(/“[^”]*”/g, '').replace(names, '');
    const other = language === 'en' ? /[\u4e00-\u9fff]/ : /[A-Za-z]{2,}[ ,]+[A-Za-z]{2,}/;
    if (other.test(text)) left.push(text.trim());
  }
  return left;
}
