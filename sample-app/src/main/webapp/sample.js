'use strict';
// Keys and values are anybody's text: they reach the page through textContent only.

const LIVE_PREFIX = '/demo/';
const ORDERS_PREFIX = '/demo/orders/';
const MOST_CHANGES = 100;

const byId = (id) => document.getElementById(id);

let prefix = LIVE_PREFIX;
let listedRevision = 0; // what the table shows includes every change up to this revision
let listing = 0; // number of the latest request for the list: an earlier one that answers late is ignored
let meanwhile = null; // changes that arrived while a list was on its way: it may be older than they are
let total = 0;

/* ---- talking to the server ---- */

async function api(method, path, body) {
  const options = { method };
  if (body !== undefined) {
    options.headers = { 'Content-Type': 'application/json' };
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch('api/' + path, options);
  } catch (e) {
    throw new Error('The server does not answer.');
  }
  const text = await response.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch (e) {
    // an error page of the server itself
  }
  if (!response.ok) {
    throw new Error(answer.error || 'The server answered ' + response.status + '.');
  }
  return answer;
}

function notice(text, kind = 'info') {
  const element = byId('notice');
  element.dataset.kind = kind;
  element.textContent = text;
}

// Runs what a form or button asks for; its buttons rest meanwhile, and its failure is shown.
async function act(container, action) {
  const buttons = container instanceof HTMLButtonElement ? [container] : [...container.querySelectorAll('button')];
  const focused = document.activeElement;
  buttons.forEach((button) => { button.disabled = true; });
  try {
    await action();
  } catch (e) {
    notice(e.message, 'error');
  } finally {
    buttons.forEach((button) => { button.disabled = false; });
    // a disabled button loses the focus: whoever uses the keyboard stays where they were
    if (buttons.includes(focused) && focused.isConnected && document.activeElement === document.body) {
      focused.focus();
    }
  }
}

/* ---- keys ---- */

function cell(row, text, className) {
  const td = document.createElement('td');
  td.textContent = text;
  if (className) {
    td.className = className;
  }
  row.append(td);
  return td;
}

function button(text, label, className, onClick) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.setAttribute('aria-label', label);
  element.className = className;
  element.addEventListener('click', onClick);
  return element;
}

function keyRow(entry) {
  const row = document.createElement('tr');
  row.dataset.key = entry.key;
  cell(row, entry.key);
  cell(row, '');
  cell(row, '', 'number');
  const actions = cell(row, '');
  actions.append(
    button('Edit', 'Edit ' + entry.key, 'plain edit', () => {
      byId('put-key').value = entry.key;
      byId('put-value').value = row.cells[1].textContent;
      byId('put-value').focus();
    }),
    button('Delete', 'Delete ' + entry.key, 'danger delete', (event) => act(event.currentTarget, async () => {
      await api('DELETE', 'keys?key=' + encodeURIComponent(entry.key));
      notice('Deleted ' + entry.key);
      await follow(entry.key);
    })));
  return row;
}

function fill(row, entry) {
  row.cells[1].textContent = entry.value;
  row.cells[2].textContent = entry.revision;
}

function rowOf(key) {
  return [...byId('keys-body').rows].find((row) => row.dataset.key === key);
}

// etcd sorts by bytes, which for UTF-8 is the order of code points
function before(a, b) {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    if (x[i] !== y[i]) {
      return x[i].codePointAt(0) < y[i].codePointAt(0);
    }
  }
  return x.length < y.length;
}

function upsert(entry) {
  let row = rowOf(entry.key);
  if (!row) {
    row = keyRow(entry);
    const body = byId('keys-body');
    body.insertBefore(row, [...body.rows].find((other) => before(entry.key, other.dataset.key)) || null);
    total++;
  }
  fill(row, entry);
  flash(row);
}

function remove(key) {
  const row = rowOf(key);
  if (!row) {
    return;
  }
  const hadFocus = row.contains(document.activeElement);
  const neighbour = row.nextElementSibling || row.previousElementSibling;
  row.remove();
  total--;
  if (hadFocus) {
    (neighbour ? neighbour.querySelector('.delete') : byId('prefix')).focus();
  }
}

function flash(element) {
  element.classList.remove('flash');
  void element.offsetWidth; // restarts the animation
  element.classList.add('flash');
}

function count() {
  const shown = byId('keys-body').rows.length;
  const all = Math.max(total, shown);
  byId('keys-count').textContent = all === 0 ? 'No keys below this prefix.'
    : shown < all ? 'The first ' + shown + ' of ' + all + ' keys.'
    : all === 1 ? '1 key.' : all + ' keys.';
}

async function list() {
  const mine = ++listing;
  meanwhile = [];
  const answer = await api('GET', 'keys?prefix=' + encodeURIComponent(prefix));
  if (mine !== listing) {
    return;
  }
  const later = meanwhile.filter((change) => change.revision > answer.revision);
  meanwhile = null;
  const known = new Set(answer.keys.map((entry) => entry.key));
  [...byId('keys-body').rows].filter((row) => !known.has(row.dataset.key)).forEach((row) => remove(row.dataset.key));
  answer.keys.forEach((entry) => {
    const row = rowOf(entry.key);
    if (!row) {
      byId('keys-body').append(keyRow(entry));
      fill(byId('keys-body').lastElementChild, entry);
    } else {
      byId('keys-body').append(row);
      fill(row, entry);
    }
  });
  listedRevision = answer.revision;
  total = answer.count;
  seen(answer.revision);
  later.forEach(apply);
  count();
}

function seen(revision) {
  const element = byId('revision');
  if (!(revision <= Number(element.textContent))) {
    element.textContent = revision;
  }
}

function apply(change) {
  if (change.type === 'DELETE') {
    remove(change.key);
  } else {
    upsert(change);
  }
}

// Keys below the live prefix arrive by themselves; others have to be asked for.
async function follow(key) {
  if (!key.startsWith(LIVE_PREFIX) && key.startsWith(prefix)) {
    await list();
  }
}

byId('prefix-form').addEventListener('submit', (event) => {
  event.preventDefault();
  prefix = byId('prefix').value;
  byId('prefix-hint').hidden = prefix.startsWith(LIVE_PREFIX);
  act(event.target, async () => {
    byId('keys-body').replaceChildren();
    await list();
    notice('', 'none');
  });
});

byId('put-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const key = byId('put-key').value;
  act(event.target, async () => {
    await api('PUT', 'keys', { key, value: byId('put-value').value });
    notice('Put ' + key);
    await follow(key);
  });
});

/* ---- configuration ---- */

function greet(text) {
  const element = byId('greeting');
  if (element.textContent !== text) {
    element.textContent = text;
    flash(element);
  }
}

byId('greeting-form').addEventListener('submit', (event) => {
  event.preventDefault();
  act(event.target, async () => {
    await api('PUT', 'greeting', { greeting: byId('greeting-value').value });
    notice('The key has been written; the value comes back through the configuration.');
  });
});

byId('greeting-reset').addEventListener('click', () => act(byId('greeting-form'), async () => {
  await api('DELETE', 'greeting');
  notice('The key has been deleted; the default value comes back.');
}));

/* ---- orders ---- */

let ordersTimer = 0;

function ordersSoon() {
  clearTimeout(ordersTimer);
  ordersTimer = setTimeout(() => orders().catch((e) => notice(e.message, 'error')), 150);
}

async function orders() {
  const answer = await api('GET', 'orders');
  const body = byId('orders-body');
  body.replaceChildren(...answer.orders.map((order) => {
    const row = document.createElement('tr');
    row.dataset.order = order.id;
    cell(row, order.id, 'mono');
    cell(row, order.row ? order.item : '–');
    cell(row, order.row ? order.quantity : '–', 'number');
    cell(row, order.row ? 'yes' : 'no', order.row ? 'yes' : 'no');
    cell(row, order.key ? 'yes' : 'no', order.key ? 'yes' : 'no');
    return row;
  }));
  const rows = answer.orders.filter((order) => order.row).length;
  const keys = answer.orders.filter((order) => order.key).length;
  byId('orders-count').textContent = answer.orders.length === 0 ? 'No orders: no row and no key.'
    : rows + (rows === 1 ? ' row' : ' rows') + ' in the database, ' + keys + (keys === 1 ? ' key' : ' keys') + ' in etcd.';
}

byId('order-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const fail = event.submitter === byId('order-fail');
  act(event.target, async () => {
    try {
      const order = await api('POST', 'orders', {
        item: byId('order-item').value,
        quantity: Number(byId('order-quantity').value),
        fail,
      });
      notice('Placed order ' + order.id + ': a row in the database and the key ' + ORDERS_PREFIX + order.id + '.');
    } finally {
      await orders();
    }
  });
});

/* ---- live changes ---- */

function changed(change) {
  const item = document.createElement('li');
  const part = (text, className) => {
    const span = document.createElement('span');
    span.textContent = text;
    span.className = className;
    item.append(span);
  };
  const deleted = change.type === 'DELETE';
  part(change.type, deleted ? 'kind delete' : 'kind');
  part(change.revision, 'at');
  part(deleted ? change.key : change.key + ' = ' + change.value, 'what');
  const log = byId('changes');
  log.prepend(item);
  flash(item);
  while (log.children.length > MOST_CHANGES) {
    log.lastElementChild.remove();
  }
  byId('changes-none').hidden = true;

  seen(change.revision);
  if (change.key.startsWith(prefix)) {
    if (meanwhile) {
      meanwhile.push(change);
    }
    if (change.revision > listedRevision) {
      apply(change);
      count();
    }
  }
  if (change.key.startsWith(ORDERS_PREFIX)) {
    ordersSoon();
  }
}

function connection(state, text) {
  const element = byId('connection');
  if (element.dataset.state !== state) {
    element.dataset.state = state;
    element.textContent = text;
  }
}

// Whatever happened while nobody listened is in the lists: after each connection all of them are loaded anew.
async function loadAll() {
  const results = await Promise.allSettled([
    list(),
    orders(),
    api('GET', 'greeting').then((answer) => greet(answer.greeting)),
    api('GET', 'status').then((answer) => { byId('cluster').textContent = answer.cluster; }),
  ]);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    notice(failed.reason.message, 'error');
  }
}

function listen() {
  const source = new EventSource('api/changes');
  source.addEventListener('ready', () => {
    connection('connected', 'connected');
    loadAll();
  });
  source.addEventListener('change', (event) => changed(JSON.parse(event.data)));
  source.addEventListener('greeting', (event) => greet(JSON.parse(event.data).greeting));
  source.addEventListener('error', () => {
    connection('broken', 'interrupted, trying again');
    if (source.readyState === EventSource.CLOSED) {
      // the browser tries again by itself except after an error answer
      setTimeout(listen, 3000);
    }
  });
}

listen();
