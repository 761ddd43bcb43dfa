/** SORT, and walks over keys and elements. */
import { eachAfter, FLAG, INTEGER, KEY, optional, TEXT } from '../fields.js';
import { bothOrNeither, isGiven, type Method, type Values } from '../method.js';
import * as as from '../replies.js';

/** As redis-py says it. */
const GROUPS_WITHOUT_GET = 'when using "groups" the "get" argument must be specified and contain at least two keys';

function checkSort(values: Values): string | undefined {
  const gets = values.get('get');
  const hasGroups = values.get('groups') === '1' && !isGiven(values.get('store'));
  // Each pattern stands after its word.
  if (hasGroups && (gets === undefined || gets.length < 4)) return GROUPS_WITHOUT_GET;
  return bothOrNeither(values);
}

export const scanMethods: readonly Method[] = [
  {
    name: 'sort',
    verbs: ['GET', 'POST'],
    paths: ['/SORT/{name}'],
    fields: {
      name: KEY,
      start: optional(INTEGER),
      num: optional(INTEGER),
      by: optional(TEXT),
      get: optional(eachAfter('GET')),
      desc: optional(FLAG),
      alpha: optional(FLAG),
      store: optional(KEY),
      groups: optional(FLAG),
    },
    command: 'SORT {name} [BY {by}] [LIMIT {start} {num}] {get} DESC?desc ALPHA?alpha [STORE {store}]',
    reply: as.sorted,
    group: 'sort',
    access: 'write',
    check: checkSort,
  },
  {
    name: 'scan',
    verbs: ['GET'],
    paths: ['/SCAN'],
    fields: { cursor: optional(TEXT, '0'), match: optional(TEXT), count: optional(INTEGER) },
    command: 'SCAN {cursor} [MATCH {match}] [COUNT {count}]',
    reply: as.scannedList,
    group: 'scan',
    access: 'read',
  },
  {
    name: 'sscan',
    verbs: ['GET'],
    paths: ['/SSCAN/{name}'],
    fields: { name: KEY, cursor: optional(TEXT, '0'), match: optional(TEXT), count: optional(INTEGER) },
    command: 'SSCAN {name} {cursor} [MATCH {match}] [COUNT {count}]',
    reply: as.scannedList,
    group: 'scan',
    access: 'read',
  },
  {
    name: 'hscan',
    verbs: ['GET'],
    paths: ['/HSCAN/{name}'],
    fields: { name: KEY, cursor: optional(TEXT, '0'), match: optional(TEXT), count: optional(INTEGER) },
    command: 'HSCAN {name} {cursor} [MATCH {match}] [COUNT {count}]',
    reply: as.scannedObject,
    group: 'scan',
    access: 'read',
  },
  {
    name: 'zscan',
    verbs: ['GET'],
    paths: ['/ZSCAN/{name}'],
    fields: { name: KEY, cursor: optional(TEXT, '0'), match: optional(TEXT), count: optional(INTEGER) },
    command: 'ZSCAN {name} {cursor} [MATCH {match}] [COUNT {count}]',
    reply: as.scannedPairs,
    group: 'scan',
    access: 'read',
  },
];
