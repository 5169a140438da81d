// Records by kind and id, what they are called, and who names them.
const kinds = new Map(data.kinds.map((kind) => [kind.name, kind]));
const records = [];
const byName = new Map();

// Values that repeat stand once, in `repeated`, and their places in the rows.
function unpack(rows, repeated) {
  repeated.forEach((values, at) => {
    if (!values) return;
    for (const row of rows) if (at < row.length && row[at] !== null) row[at] = values[row[at]];
  });
}

for (const table of [...data.figures.flatMap((figure) => figure.tables), ...Object.values(data.registers)]) unpack(table.rows, table.repeated);

for (const kind of data.kinds) {
  kind.records = [];
  unpack(data.records[kind.name].map((row) => row[1]), data.repeated[kind.name]);
  kind.at = new Map(kind.keys.map((key, index) => [key, index]));
  kind.field = new Map(kind.fields.map((field) => [field.name, field]));
  for (const [id, values, place, commune, called] of data.records[kind.name]) {
    const record = { kind, id, values, place, commune, called, name: kind.name + "/" + id };
    records.push(record);
    kind.records.push(record);
    if (!byName.has(record.name)) byName.set(record.name, record);
  }
}

function valueOf(record, key) {
  const index = record.kind.at.get(key);
  const value = index === undefined ? undefined : record.values[index];
  return value === null ? undefined : value;
}

const steps = new Map(); // names of fields, split once

// Every value at a field such as "owner", "platform.operator" or "third_parties[].party".
function valuesAt(record, name) {
  if (!steps.has(name)) steps.set(name, name.split(/\.|(?=\[\])/));
  const [head, ...rest] = steps.get(name);
  let found = [valueOf(record, head)];
  for (const step of rest) {
    if (step === "[]") found = found.flatMap((value) => (Array.isArray(value) ? value : []));
    else found = found.map((value) => (value !== null && typeof value === "object" ? value[step] : undefined));
  }
  return found.flat().filter((value) => value !== null && value !== undefined);
}

function labelled(field, value) {
  const words = field && field.labels && Object.hasOwn(field.labels, value) ? field.labels[value] : value;
  return said(words);
}

function labelOf(record) {
  const words = record.kind.label.map((name) => [record.kind.field.get(name), valueOf(record, name)]);
  return words.filter(([, value]) => typeof value === "string").map(([field, value]) => labelled(field, value)).join(" · ");
}

// What people call it: what it is and where, else its label.
function titleOf(record) {
  if (record.called) return said(data.names[record.called[0]]) + record.called[1];
  return labelOf(record) || record.id;
}

function statusOf(record) {
  const name = record.kind.status;
  const value = name ? valueOf(record, name) : undefined;
  return typeof value === "string" ? labelled(record.kind.field.get(name), value) : "";
}

function communeOf(record) {
  return record.commune ? data.communes[record.commune] || record.commune : "";
}

function refsOf(field, id) {
  return (field.refs || []).map((kind) => byName.get(kind + "/" + id)).filter(Boolean);
}

// Record name → [record that names it, field].
const naming = new Map();
for (const record of records) {
  for (const field of record.kind.fields) {
    if (!field.refs) continue;
    for (const id of new Set(valuesAt(record, field.name))) {
      for (const target of typeof id === "string" ? refsOf(field, id) : []) {
        if (!naming.has(target.name)) naming.set(target.name, []);
        naming.get(target.name).push([record, field]);
      }
    }
  }
}

function namedBy(record) {
  return naming.get(record.name) || [];
}
