"""What is run inside a page to see it as a person does: its fields with their labels, and what an element is.

A label is tied to its field (`for`, wrapping, `aria-labelledby`, `aria-label`), or only stands near it: to the left, or
above; to the right of a box to tick. Each text is the label of one field at most, the nearest one's.
"""

from __future__ import annotations

SECRET = "data-rpa-secret"
"""The attribute that marks a field which a secret was put into: pictures and HTML do not show what it holds."""

HIDE = f"el => el.setAttribute('{SECRET}', '')"

FIELDS = r"""
const normal = text => (text || '').normalize('NFKC').replace(/[\s\u00a0]+/g, ' ').trim()
  .replace(/\s*\((required|optional)\)$/i, '').replace(/[\s:*\uff1a]+$/, '').replace(/^[\s*]+/, '').toLowerCase();
const NATIVE = new Set(['INPUT', 'SELECT', 'TEXTAREA']);
const NO_FIELD = new Set(['hidden', 'submit', 'button', 'image', 'reset']);
const UNSEEN = new Set(['SCRIPT', 'STYLE', 'NOSCRIPT', 'TEMPLATE', 'HEAD', 'OPTION', 'DATALIST', 'SVG', 'svg']);
const ROLES = new Set(['textbox', 'combobox', 'checkbox', 'radio', 'switch', 'spinbutton', 'searchbox', 'listbox']);
const TYPED = new Set(['date', 'time', 'datetime-local', 'month', 'week', 'number', 'range', 'color']);
const isField = el => NATIVE.has(el.tagName)
  ? !(el.tagName === 'INPUT' && NO_FIELD.has(el.type))
  : el.isContentEditable && !(el.parentElement && el.parentElement.isContentEditable)
    || ROLES.has(el.getAttribute('role')) && !el.querySelector('input,select,textarea');
const clean = text => (text || '').replace(/[\s\u00a0]+/g, ' ').trim();
const wordsOf = el => {
  let text = '';
  const visit = node => {
    if (node.nodeType === 3) text += node.data;
    else if (node.nodeType === 1 && !UNSEEN.has(node.tagName) && !isField(node) && node.tagName !== 'BUTTON')
      { for (const child of node.childNodes) visit(child); text += ' '; }
  };
  visit(el);
  return clean(text);
};
const kindOf = el => {
  const role = el.getAttribute('role');
  if (el.tagName === 'SELECT') return 'select';
  if (el.tagName === 'INPUT') {
    if (el.type === 'checkbox') return 'check';
    if (el.type === 'radio' || el.type === 'file') return el.type;
    return TYPED.has(el.type) ? el.type : 'text';
  }
  if (el.tagName === 'TEXTAREA' || el.isContentEditable) return 'text';
  if (role === 'checkbox' || role === 'switch') return 'check';
  return role === 'radio' ? 'radio' : role === 'combobox' || role === 'listbox' ? 'choose' : 'text';
};
const fieldsOf = root => {
  const doc = root.ownerDocument || root;
  const elements = [], segments = [];
  let segment = null;
  const read = (node, block, label) => {
    const range = doc.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!box.width || !box.height) return;
    if (segment && segment.block === block) {
      segment.text += node.data;
      segment.box = {left: Math.min(segment.box.left, box.left), right: Math.max(segment.box.right, box.right),
                     top: Math.min(segment.box.top, box.top), bottom: Math.max(segment.box.bottom, box.bottom)};
    } else {
      segment = {block, label, text: node.data,
                 box: {left: box.left, right: box.right, top: box.top, bottom: box.bottom}};
      segments.push(segment);
    }
  };
  const visit = (node, block, label, hidden) => {
    if (node.nodeType === 3) {
      if (!hidden && node.data.trim()) read(node, block, label);
      else if (segment && segment.block === block) segment.text += ' ';
      return;
    }
    if (node.nodeType !== 1 || UNSEEN.has(node.tagName)) return;
    const style = doc.defaultView.getComputedStyle(node);
    if (isField(node)) {
      segment = null;
      const shown = style.display !== 'none' && style.visibility === 'visible' && !!node.getClientRects().length;
      elements.push({el: node, shown});
      return;
    }
    if (node.tagName === 'BR' || node.tagName === 'BUTTON') { segment = null; if (node.tagName === 'BUTTON') return; }
    if (node.tagName === 'LABEL') label = node;
    const apart = node.tagName === 'LABEL' || !(style.display.startsWith('inline') || style.display === 'contents');
    if (apart) { segment = null; block = node; }
    hidden = style.visibility !== 'visible';
    const inside = node.shadowRoot ? node.shadowRoot.childNodes
      : node.tagName === 'SLOT' && node.assignedNodes().length ? node.assignedNodes() : node.childNodes;
    for (const child of inside) visit(child, block, label, hidden);
    if (apart) segment = null;
  };
  visit(root.nodeType === 9 ? root.documentElement : root, root, null, false);

  const tiedOf = el => {
    const names = [];
    const tree = el.getRootNode();
    for (const id of (el.getAttribute('aria-labelledby') || '').split(/\s+/).filter(Boolean)) {
      const by = tree.getElementById && tree.getElementById(id);
      if (by) names.push(wordsOf(by));
    }
    if (names.length) return [names.join(' '), ...names];
    const labels = [...(el.labels || [])].map(wordsOf).filter(Boolean);
    const said = clean(el.getAttribute('aria-label'));
    return said ? [...labels, said] : labels;
  };
  const boxOf = els => {
    const boxes = els.map(el => el.getBoundingClientRect());
    return {left: Math.min(...boxes.map(b => b.left)), right: Math.max(...boxes.map(b => b.right)),
            top: Math.min(...boxes.map(b => b.top)), bottom: Math.max(...boxes.map(b => b.bottom))};
  };
  const groupOf = (el, selector) => {
    const around = el.closest(selector);
    if (!around) return null;
    const legend = around.querySelector(':scope > legend');
    return {around, names: [...(legend ? [wordsOf(legend)] : []), ...tiedOf(around)].filter(Boolean)};
  };
  const fields = [], radios = new Map(), boxes = new Map();
  for (const {el, shown} of elements) {
    const kind = kindOf(el);
    const tied = tiedOf(el);
    if (!shown && kind !== 'file' && !(tied.length && (kind === 'check' || kind === 'radio'))) continue;
    if (kind === 'radio') {
      const group = groupOf(el, '[role=radiogroup], fieldset');
      const tree = el.form || el.getRootNode();
      let found = [...radios.values()].find(one =>
        el.name ? one.tree === tree && one.name === el.name : group && one.around === group.around);
      if (!found) {
        found = {kind, els: [], options: [], tied: group ? group.names : [], weak: [el.name].filter(Boolean),
                 tree, name: el.name, around: group && group.around};
        radios.set(found, found);
        fields.push(found);
      }
      found.els.push(el);
      found.options.push(tied);
      continue;
    }
    if (kind === 'check') {
      const group = groupOf(el, 'fieldset, [role=group]');
      if (group && group.names.length) {
        if (!boxes.has(group.around))
          boxes.set(group.around, {kind: 'checks', els: [], options: [], tied: group.names, weak: []});
        boxes.get(group.around).els.push(el);
        boxes.get(group.around).options.push(tied);
      }
    }
    fields.push({kind, els: [el], options: [], tied, shown,
                 weak: [el.getAttribute('placeholder'), el.title, el.name, el.id].map(clean).filter(Boolean)});
  }
  for (const one of fields) one.box = boxOf(one.els);

  const free = segments.filter(one => normal(one.text)
    && !(one.label && one.label.control && isField(one.label.control)));
  const radioTexts = new Set();
  for (const one of [...radios.values(), ...boxes.values()])
    one.els.forEach((el, at) => {
      if (one.options[at].length) return;
      const box = el.getBoundingClientRect();
      const beside = free.filter(s => Math.min(s.box.bottom, box.bottom) - Math.max(s.box.top, box.top) > 0
        && s.box.left >= box.right - 4).sort((a, b) => a.box.left - b.box.left)[0];
      if (!beside || beside.box.left - box.right >= 60) return;
      one.options[at] = [clean(beside.text)];
      if (one.kind === 'radio') radioTexts.add(beside);
    });
  const pairs = [];
  for (const field of fields) {
    const f = field.box;
    for (const s of free) {
      if (radioTexts.has(s)) continue;
      const t = s.box;
      const beside = Math.min(f.bottom, t.bottom) - Math.max(f.top, t.top);
      let score = null;
      if (beside > 0.4 * Math.min(f.bottom - f.top, t.bottom - t.top)) {
        if (t.right <= f.left + 4 && f.left - t.right < 500) {
          const between = fields.some(o => o !== field && o.box.left >= t.left && o.box.right <= f.left + 4
            && Math.min(f.bottom, o.box.bottom) - Math.max(f.top, o.box.top) > 0);
          if (between) continue;
          const gap = f.left - t.right;
          const suffix = fields.some(o => o !== field && o.box.right <= t.left + 4 && t.left - o.box.right < gap / 2
            && Math.min(t.bottom, o.box.bottom) - Math.max(t.top, o.box.top) > 0);
          score = Math.min(gap * 0.1, 12) + (suffix ? 60 : 0) + (field.kind === 'check' ? 20 : 0);
        } else if (field.kind === 'check' && t.left >= f.right - 4 && t.left - f.right < 60)
          score = (t.left - f.right) * 0.1;
      } else if (t.bottom <= f.top + 4 && Math.min(f.right, t.right) > Math.max(f.left, t.left)) {
        const gap = f.top - t.bottom;
        if (gap < 80) score = 6 + gap + 0.1 * Math.abs(t.left - f.left);
      }
      if (score !== null) pairs.push({field, s, score: score + (field.tied.length ? 1000 : 0)});
    }
  }
  pairs.sort((a, b) => a.score - b.score);
  const given = new Set();
  for (const pair of pairs) {
    if (pair.field.near || given.has(pair.s)) continue;
    pair.field.near = clean(pair.s.text);
    given.add(pair.s);
  }
  return {all: [...fields, ...boxes.values()], pairs, given};
};
const matching = (found, label) => {
  const wanted = normal(label);
  const ranks = [one => one.tied, one => one.near ? [one.near] : [],
                 one => found.pairs.filter(p => p.field === one && !found.given.has(p.s)
                   && !found.pairs.some(q => q.s === p.s && q.score < p.score)).map(p => p.s.text), one => one.weak];
  for (const names of ranks) {
    const hits = found.all.filter(one => names(one).some(name => normal(name) === wanted));
    const whole = hits.filter(one => one.kind !== 'check'
      || !hits.some(o => o.kind === 'checks' && o.els.includes(one.els[0])));
    if (whole.length) return whole;
  }
  return [];
};
const labelOf = one => one.tied[0] || one.near || one.weak[0] || '';
"""

ENGINE = (
    "(() => {"
    + FIELDS
    + r"""
const queryAll = (root, label) => matching(fieldsOf(root), JSON.parse(label)).map(one => one.els[0]);
return {queryAll, query: (root, label) => queryAll(root, label)[0] || null};
})()"""
)
"""The selector engine `target.FIELD_ENGINE`: its body is the label as JSON."""

RESOLVE = (
    "(root, labels) => {"
    + FIELDS
    + r"""
const found = fieldsOf(root || document);
const told = [], elements = [];
for (const label of labels) {
  const hits = matching(found, label);
  const one = hits.length === 1 ? hits[0] : null;
  told.push({label, count: hits.length, kind: one ? one.kind : '', first: elements.length,
    options: one ? one.options.map((names, at) => [...names, clean(one.els[at].value)]) : [],
    shown: hits.slice(0, 5).map(hit => [hit.els[0].tagName.toLowerCase(), hit.els[0].name].filter(Boolean).join(' '))});
  if (one) elements.push(...one.els);
}
elements.unshift({told, known: [...new Set(found.all.map(labelOf).filter(Boolean))].slice(0, 60)});
return elements;
}"""
)
"""Gives an array: what was found for each label, then all the elements of the labels that mean one field."""

DESCRIBE = r"""
elements => {
  const clean = text => (text || '').replace(/\s+/g, ' ').trim().slice(0, 60);
  const seen = el => {
    const style = getComputedStyle(el);
    const box = el.getBoundingClientRect();
    return style.visibility === 'visible' && (box.width > 0 && box.height > 0 || style.display === 'contents');
  };
  const shown = elements.map(seen);
  return {total: elements.length, visible: shown.filter(Boolean).length,
    matches: elements.slice(0, 10).map((el, at) => {
      const box = el.getBoundingClientRect();
      const parts = [el.tagName.toLowerCase()];
      if (el.id) parts.push('#' + clean(el.id));
      for (const name of ['name', 'type', 'role', 'data-testid', 'href', 'class', 'aria-label', 'title'])
        if (el.getAttribute(name)) parts.push(`${name}="${clean(el.getAttribute(name))}"`);
      const text = clean(el.innerText);
      if (text) parts.push(`“${text}”`);
      const around = el.closest('tr, li, fieldset, section, form, [role=dialog], dialog');
      const where = around && around !== el ? clean(around.innerText) : '';
      if (where && where !== text) parts.push(`in “${where}”`);
      parts.push(shown[at] ? `at ${Math.round(box.left)},${Math.round(box.top)}` : 'hidden');
      return parts.join(' ');
    })};
}"""
"""What the matches of a candidate are, and how many of them can be seen."""

SNAPSHOT = r"""
around => {
  const root = around || document.documentElement;
  const copy = root.cloneNode(true);
  for (const el of copy.querySelectorAll('script, style, noscript, template, link, svg > *')) el.remove();
  const was = [root, ...root.querySelectorAll('input, textarea')];
  const is = [copy, ...copy.querySelectorAll('input, textarea')];
  is.forEach((el, at) => {
    if (el.tagName !== 'INPUT' && el.tagName !== 'TEXTAREA') return;
    const secret = el.type === 'password' || el.type === 'hidden' || el.hasAttribute('data-rpa-secret');
    if (secret) { el.removeAttribute('value'); el.textContent = ''; }
    else if (was[at] && el.tagName === 'INPUT') el.setAttribute('value', was[at].value);
  });
  for (const el of copy.querySelectorAll('[src^="data:"]')) el.setAttribute('src', 'data:');
  return `<!-- ${location.origin}${location.pathname} -->\n${copy.outerHTML}`.slice(0, 400000);
}"""
"""The page, or what is around an element, as HTML: without scripts, and without the values of passwords."""
