import './fonts.css';
import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('app')!;
target.textContent = ''; // what stood there while the scripts came
mount(App, { target });
