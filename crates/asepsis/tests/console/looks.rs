//! What is wrong with how a page looks: what does not fit, what can't be read, what has no name.

use testkit::browser::Browser;

/// Looks a page over, in the browser. Contrast by WCAG 2.2, success criterion 1.4.3; names of fields
/// by 1.3.1 and 4.1.2.
const SCRIPT: &str = r"
const wrong = [];
const page = document.scrollingElement;
if (page.scrollWidth > page.clientWidth + 1) {
  const wide = [...document.querySelectorAll('body *')].find(one => one.getBoundingClientRect().right > page.clientWidth + 1);
  wrong.push('wider than the window: ' + page.scrollWidth + ' ' + (wide?.outerHTML.slice(0, 90)));
}
const parse = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
const behind = one => {
  for (let at = one; at; at = at.parentElement) {
    const [r, g, b, a = 1] = parse(getComputedStyle(at).backgroundColor);
    if (a > 0.99) return [r, g, b];
    if (a > 0) { const [x, y, z] = behind(at.parentElement || document.documentElement); return [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a)]; }
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? [20, 23, 27] : [255, 255, 255];
};
const light = rgb => {
  const [r, g, b] = rgb.map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const told = new Set();
for (let node = walker.nextNode(); node; node = walker.nextNode()) {
  const one = node.parentElement, style = getComputedStyle(one), box = one.getBoundingClientRect();
  if (!node.data.trim() || style.visibility !== 'visible' || box.width < 2 || box.height < 2 || one.closest('.hidden, .skip, script, style, option')) continue;
  const ink = parse(one.closest('svg') ? style.fill : style.color).slice(0, 3), paper = one.closest('svg') ? null : behind(one);
  if (!paper) continue;
  const [high, low] = [light(ink), light(paper)].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05), size = parseFloat(style.fontSize), bold = style.fontWeight >= 700;
  const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
  const key = one.tagName + '.' + one.className;
  if (ratio < least && !told.has(key)) { told.add(key); wrong.push('contrast ' + ratio.toFixed(2) + ': ' + key + ' ' + node.data.trim().slice(0, 40)); }
}
for (const field of document.querySelectorAll('input:not([type=hidden]), select, textarea')) {
  if (!field.labels?.length && !field.getAttribute('aria-label')) wrong.push('no name: ' + field.outerHTML.slice(0, 90));
}
for (const one of document.querySelectorAll('a, button')) {
  if (!one.textContent.trim() && !one.getAttribute('aria-label') && !one.querySelector('[alt]:not([alt=\'\'])')) wrong.push('no name: ' + one.outerHTML.slice(0, 90));
}
const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push('two are called ' + id);
if (document.querySelectorAll('h1').length !== 1) wrong.push(document.querySelectorAll('h1').length + ' headings of the first level');
if (!document.title.trim()) wrong.push('no title');
return wrong;
";

/// What is wrong with the page that the browser shows.
pub(crate) fn wrong(browser: &Browser) -> Vec<String> {
    let found = browser.run(SCRIPT);
    let found = found.as_array().expect("a list").iter();
    found.map(|what| what.as_str().unwrap_or_default().to_owned()).collect()
}
