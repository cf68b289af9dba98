import type { JSX } from 'preact';
import { t } from '../i18n';
import { keyWords } from '../i18n/keys';
import { Dialog } from '../ui/parts';

/** What the keys do. */
export function KeyHelp({ onClose }: { readonly onClose: () => void }): JSX.Element {
  const keys = keyWords[t().tag === 'en' ? 'en' : 'zh-CN'];
  const rows: readonly (readonly [string, string])[] = [
    ['j  k', keys.rows],
    ['Enter', keys.open],
    ['x  ⇧x', keys.select],
    ['[  ]', keys.neighbours],
    ['r', keys.retry],
    ['s', keys.skip],
    ['m', keys.mark],
    ['c', keys.policy],
    ['y', keys.link],
    ['n', keys.newer],
    ['/', keys.search],
    ['Ctrl K', keys.searchAnywhere],
    ['g o', keys.goOverview],
    ['g f', keys.goFailures],
    ['g l', keys.goLanes],
    ['g w', keys.goFlow],
    ['g s', keys.goProcessors],
    ['g b', keys.goBatches],
    ['g a', keys.goAudit],
    ['p', keys.pause],
    ['t', keys.theme],
    ['?', keys.help],
    ['Esc', keys.back],
  ];
  return (
    <Dialog title={t().keys.title} onClose={onClose}>
      <dl class="keys">
        {rows.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              {key.split(/ +/).map((one) => (
                <kbd key={one} class="key">
                  {one}
                </kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p class="dialog-actions">
        <button type="button" class="button" data-first onClick={onClose}>
          {t().common.close}
        </button>
      </p>
    </Dialog>
  );
}
