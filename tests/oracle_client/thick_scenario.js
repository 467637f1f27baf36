// SPDX-License-Identifier: Apache-2.0
// Oracle's own node-oracledb in thick mode, on the Oracle client double. The first wrong answer ends it with status 1.
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const oracledb = require('oracledb');

const control = process.env.MAJED_OCI_DOUBLE_CONTROL;
const credentials = {user: 'app', password: 'good', connectString: 'double/node'};
const numbersAsText = {fetchTypeHandler: (column) =>
  column.dbType === oracledb.DB_TYPE_NUMBER ? {type: oracledb.STRING} : undefined};
const rowCount = 1000;
const endless =
  'select count(*) from (with r(x) as (select 1 from dual union all select x + 1 from r) select x from r)';

/** The stamp of the file changes with each text, whatever the clock's grain. */
let scripts = 0;
const script = (text) => fs.writeFileSync(control, `${text}\n${'#'.repeat(++scripts)}\n`);

const code = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error.message.split('\n')[0];
  }
  return 'no error';
};

const scenarios = {
  async 'runs in thick mode on the double'() {
    assert.equal(oracledb.thin, false);
    assert.equal(oracledb.oracleClientVersionString, '19.3.0.0.0');
  },

  async 'says why it cannot connect'() {
    assert.match(await code(oracledb.getConnection({...credentials, password: 'wrong'})), /ORA-01017/);
    assert.match(await code(oracledb.getConnection({...credentials, connectString: 'nolistener/x'})), /ORA-12541/);
    assert.match(await code(oracledb.getConnection({...credentials, connectString: 'noservice/x'})), /ORA-12514/);
  },

  async 'creates tables and inserts a thousand rows at once'(connection) {
    await connection.execute(`create table orders(id number(9) primary key, amount number, day date,
      moment timestamp(9) with time zone, name varchar2(40), note clob, picture blob, code char(4), key raw(16),
      ratio binary_double)`);
    const rows = Array.from({length: rowCount}, (_, id) => ({
      id, amount: `-${id}2345678901234567890.000000001`, day: new Date(Date.UTC(2024, 1, 29, 23, 59, 58)),
      name: id === 7 ? null : `naïve ☃ ${id}`, note: `note ${id} `.repeat(10), picture: Buffer.from([0, 1, id % 256]),
      key: Buffer.from('00ff', 'hex'), ratio: id / 3,
    }));
    const result = await connection.executeMany(
      `insert into orders(id, amount, day, name, note, picture, code, key, ratio)
       values(:id, to_number(:amount), :day, :name, :note, :picture, 'ab', :key, :ratio)`, rows, {
        bindDefs: {
          id: {type: oracledb.NUMBER}, amount: {type: oracledb.STRING, maxSize: 60}, day: {type: oracledb.DATE},
          name: {type: oracledb.STRING, maxSize: 40}, note: {type: oracledb.STRING, maxSize: 400},
          picture: {type: oracledb.BUFFER, maxSize: 10}, key: {type: oracledb.BUFFER, maxSize: 16},
          ratio: {type: oracledb.DB_TYPE_BINARY_DOUBLE},
        },
      });
    assert.equal(result.rowsAffected, rowCount);
    await connection.commit();
  },

  async 'describes columns'(connection) {
    const {metaData} = await connection.execute('select * from orders where 1 = 0');
    assert.deepEqual(metaData.map((column) => `${column.name} ${column.dbTypeName}`), [
      'ID NUMBER', 'AMOUNT NUMBER', 'DAY DATE', 'MOMENT TIMESTAMP WITH TIME ZONE', 'NAME VARCHAR2', 'NOTE CLOB',
      'PICTURE BLOB', 'CODE CHAR', 'KEY RAW', 'RATIO BINARY_DOUBLE']);
    assert.equal(metaData[0].precision, 9);
    assert.equal(metaData[0].nullable, false);
    assert.equal(metaData[1].scale, -127);
    assert.equal(metaData[4].byteSize, 40);
  },

  async 'fetches every type, numbers exactly'(connection) {
    const {rows} = await connection.execute(
      `select id, amount, day, name, note, picture, code, key, ratio from orders where id in (:low, :high) order by id`,
      {low: 7, high: 999}, numbersAsText);
    assert.equal(rows.length, 2);
    const [seven, last] = rows;
    assert.equal(seven[0], '7');
    assert.equal(seven[1], '-72345678901234567890.000000001');
    assert.equal(seven[3], null);
    assert.equal(last[1], '-9992345678901234567890.000000001');
    assert.equal(last[2].toISOString(), '2024-02-29T23:59:58.000Z');
    assert.equal(last[3], 'naïve ☃ 999');
    assert.equal(await last[4].getData(), 'note 999 '.repeat(10));
    assert.deepEqual(await last[5].getData(), Buffer.from([0, 1, 999 % 256]));
    assert.equal(last[6], 'ab  ');
    assert.deepEqual(last[7], Buffer.from('00ff', 'hex'));
    assert.equal(last[8], 333);
  },

  async 'fetches in many batches and through a cursor'(connection) {
    const {rows} = await connection.execute('select id from orders order by id', [], {fetchArraySize: 37});
    assert.equal(rows.length, rowCount);
    assert.equal(rows[998][0], 998);
    const {resultSet} = await connection.execute('select id from orders order by id', [], {resultSet: true});
    assert.equal((await resultSet.getRows(10)).length, 10);
    await resultSet.close();
  },

  async 'streams large objects both ways'(connection) {
    const text = 'a☃é'.repeat(70000);
    const bytes = Buffer.alloc(150001, 7);
    const note = await connection.createLob(oracledb.CLOB);
    await new Promise((done, failed) => note.on('finish', done).on('error', failed).end(text));
    await connection.execute('update orders set note = :note, picture = :picture where id = 1',
      {note, picture: {val: bytes, type: oracledb.BUFFER}});
    await note.destroy();
    const {rows} = await connection.execute('select note, picture from orders where id = 1', [], {
      fetchInfo: {NOTE: {type: oracledb.STRING}, PICTURE: {type: oracledb.BUFFER}}});
    assert.equal(rows[0][0], text);
    assert.deepEqual(rows[0][1], bytes);
    const again = await connection.execute('select note from orders where id = 1');
    let streamed = '';
    again.rows[0][0].setEncoding('utf8');
    for await (const piece of again.rows[0][0]) {
      streamed += piece;
    }
    assert.equal(streamed, text);
    await connection.commit();
  },

  async 'tells what broke a constraint and where a name is wrong'(connection) {
    assert.match(await code(connection.execute('insert into orders(id) values(1)')), /ORA-00001: .*ORDERS/);
    const error = await connection.execute('select nothing from orders').catch((thrown) => thrown);
    assert.equal(error.errorNum, 904);
    assert.equal(error.offset, 7);
  },

  async 'reports the rows of a batch that failed'(connection) {
    const result = await connection.executeMany('insert into orders(id) values(:1)', [[1], [5000], [5000], [5001]],
      {batchErrors: true, dmlRowCounts: true});
    assert.deepEqual(result.batchErrors.map((error) => [error.errorNum, error.offset]), [[1, 0], [1, 2]]);
    assert.deepEqual(result.dmlRowCounts, [0, 1, 0, 1]);
    await connection.rollback();
    const {rows} = await connection.execute('select count(*) from orders');
    assert.equal(rows[0][0], rowCount);
  },

  async 'returns values of changed rows'(connection) {
    const {outBinds, rowsAffected} = await connection.execute(
      'update orders set name = :name where id < 2 returning id, name into :ids, :names', {
        name: 'new', ids: {dir: oracledb.BIND_OUT, type: oracledb.NUMBER},
        names: {dir: oracledb.BIND_OUT, type: oracledb.STRING, maxSize: 40}});
    assert.equal(rowsAffected, 2);
    assert.deepEqual(outBinds, {ids: [0, 1], names: ['new', 'new']});
    await connection.rollback();
  },

  async 'shows who asks'(connection) {
    connection.clientId = 'alice';
    connection.module = 'gateway';
    connection.action = 'read';
    const {rows} = await connection.execute(`select sys_context('USERENV', 'CLIENT_IDENTIFIER'),
      sys_context('USERENV', 'MODULE'), sys_context('USERENV', 'ACTION') from dual`);
    assert.deepEqual(rows[0], ['alice', 'gateway', 'read']);
  },

  async 'ends a call at its timeout'(connection) {
    connection.callTimeout = 100;
    assert.match(await code(connection.execute(endless)), /DPI-1067|NJS-123|ORA-03136/);
    connection.callTimeout = 0;
    assert.equal((await connection.execute('select 1 from dual')).rows[0][0], 1);
  },

  async 'ends a call that is broken'(connection) {
    const broken = code(connection.execute(endless));
    // Again and again: a break before the call has begun breaks nothing.
    const timer = setInterval(() => connection.break().catch(() => {}), 20);
    assert.match(await broken, /ORA-01013/);
    clearInterval(timer);
    assert.equal((await connection.execute('select 1 from dual')).rows[0][0], 1);
  },

  async 'pools sessions and replaces a dead one'() {
    const pool = await oracledb.createPool({...credentials, poolMin: 1, poolMax: 2, poolPingInterval: 0});
    const first = await pool.getConnection();
    const second = await pool.getConnection();
    assert.equal(pool.connectionsInUse, 2);
    assert.equal((await second.execute('select count(*) from orders')).rows[0][0], rowCount);
    await second.close();
    assert.equal(first.isHealthy(), true);
    assert.match(await code(first.execute('select 1 from dual /* double: lose */')), /DPI-1080|NJS-500|ORA-03113/);
    assert.equal(first.isHealthy(), false);
    await first.close();
    const fresh = await pool.getConnection();
    await fresh.ping();
    assert.equal((await fresh.execute('select 1 from dual')).rows[0][0], 1);
    await fresh.close();
    await pool.close(0);
  },

  async 'meets a server that goes down and comes back, steered by a file'() {
    const connection = await oracledb.getConnection(credentials);
    script('server down');
    assert.match(await code(oracledb.getConnection(credentials)), /ORA-12541/);
    assert.match(await code(connection.execute('select 1 from dual')), /DPI-1080|NJS-500|ORA-03113/);
    script('server up\nserver generation 2\non execute select * from weather\n columns PLACE VARCHAR2(20)\n row \'Sohar\'');
    await connection.close().catch(() => {});
    const fresh = await oracledb.getConnection(credentials);
    assert.deepEqual((await fresh.execute('select * from weather')).rows, [['Sohar']]);
    await fresh.close();
  },
};

const run = async () => {
  oracledb.initOracleClient({libDir: process.argv[2]});
  script('server up');
  const connection = await oracledb.getConnection(credentials);
  for (const [name, scenario] of Object.entries(scenarios)) {
    await scenario(connection);
    console.log(`ok ${name}`);
  }
  await connection.close().catch(() => {});
};

process.env.TZ = 'UTC';
run().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
