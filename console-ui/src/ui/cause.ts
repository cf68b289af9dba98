import { t } from '../i18n';
import { shortName } from './stack';

const reasonWords = (code: string): string => (t().reason as Readonly<Record<string, readonly string[]>>)[code]?.[0]?.replace(/[.。]$/, '') ?? code;

/** What a cause is called: its exception, or why it is one where no exception says it, as of a run that goes on. */
export const causeName = (one: { readonly errorCode: string; readonly reason: string | null }): string =>
  shortName(one.errorCode) || (one.reason === null ? t().causes.noError : reasonWords(one.reason));
