import { render } from 'preact';
import { App } from './app/app';
import { startLive } from './api/live';
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
await loadLanguage();
const root = document.getElementById('app');
if (root) render(<App />, root);
startLive();
