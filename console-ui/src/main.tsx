import { effect } from '@preact/signals';
import { render } from 'preact';
import { App } from './app/app';
import { startLive } from './api/live';
import { startPerson } from './api/person';
import { answered } from './api/query';
import { startClock } from './app/clock';
import { startKeys } from './app/keys';
import { startRouter } from './app/router';
import { applyTheme } from './app/settings';
import { loadLanguage } from './i18n';
import './styles/main.css';

applyTheme();
startClock();
startRouter();
startKeys();
startPerson();
await loadLanguage();
const root = document.getElementById('app');
if (root) render(<App />, root);
// what tells of changes comes after what can change
effect(() => {
  if (answered.value) startLive();
});
