import type { Batch } from './model';

/** Whether items of it run now, or are about to. */
export const isUnderWay = (batch: Batch): boolean => batch.state === 'CANARY' || batch.state === 'RUNNING';
