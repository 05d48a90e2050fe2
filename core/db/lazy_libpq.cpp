// What we and libpqxx call of libpq; see core/base/lazy_library.hpp.
#include "core/base/lazy_library.hpp"

#include <libpq-fe.h>

namespace {
constexpr cti::LazyLibrary k_libpq(CTI_LIBPQ);
}

CTI_FORWARD(k_libpq, PGconn*, PQconnectStart, (const char* conninfo), (conninfo))
CTI_FORWARD(k_libpq, PGconn*, PQconnectStartParams,
            (const char* const* keywords, const char* const* values, int expand_dbname),
            (keywords, values, expand_dbname))
CTI_FORWARD(k_libpq, PostgresPollingStatusType, PQconnectPoll, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, PGconn*, PQconnectdb, (const char* conninfo), (conninfo))
CTI_FORWARD(k_libpq, PGconn*, PQconnectdbParams,
            (const char* const* keywords, const char* const* values, int expand_dbname),
            (keywords, values, expand_dbname))
CTI_FORWARD(k_libpq, void, PQfinish, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, PQconninfoOption*, PQconndefaults, (), ())
CTI_FORWARD(k_libpq, PQconninfoOption*, PQconninfoParse, (const char* conninfo, char** errmsg),
            (conninfo, errmsg))
CTI_FORWARD(k_libpq, PQconninfoOption*, PQconninfo, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, void, PQconninfoFree, (PQconninfoOption * connOptions), (connOptions))
CTI_FORWARD(k_libpq, void, PQreset, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, PGcancel*, PQgetCancel, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, void, PQfreeCancel, (PGcancel * cancel), (cancel))
CTI_FORWARD(k_libpq, int, PQcancel, (PGcancel * cancel, char* errbuf, int errbufsize),
            (cancel, errbuf, errbufsize))
CTI_FORWARD(k_libpq, char*, PQdb, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, char*, PQuser, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, char*, PQhost, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, char*, PQport, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, ConnStatusType, PQstatus, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, PGTransactionStatusType, PQtransactionStatus, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, const char*, PQparameterStatus, (const PGconn* conn, const char* paramName),
            (conn, paramName))
CTI_FORWARD(k_libpq, int, PQprotocolVersion, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, int, PQserverVersion, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, char*, PQerrorMessage, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, int, PQsocket, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, int, PQbackendPID, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, int, PQclientEncoding, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, int, PQsetClientEncoding, (PGconn * conn, const char* encoding), (conn, encoding))
CTI_FORWARD(k_libpq, void*, PQgetssl, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, PGVerbosity, PQsetErrorVerbosity, (PGconn * conn, PGVerbosity verbosity),
            (conn, verbosity))
CTI_FORWARD(k_libpq, PGContextVisibility, PQsetErrorContextVisibility,
            (PGconn * conn, PGContextVisibility show_context), (conn, show_context))
CTI_FORWARD(k_libpq, PQnoticeProcessor, PQsetNoticeProcessor,
            (PGconn * conn, PQnoticeProcessor proc, void* arg), (conn, proc, arg))
CTI_FORWARD(k_libpq, void, PQtrace, (PGconn * conn, FILE* debug_port), (conn, debug_port))
CTI_FORWARD(k_libpq, void, PQuntrace, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, PGresult*, PQexec, (PGconn * conn, const char* query), (conn, query))
CTI_FORWARD(k_libpq, PGresult*, PQexecParams,
            (PGconn * conn, const char* command, int nParams, const Oid* paramTypes,
             const char* const* paramValues, const int* paramLengths, const int* paramFormats,
             int resultFormat),
            (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat))
CTI_FORWARD(k_libpq, PGresult*, PQprepare,
            (PGconn * conn, const char* stmtName, const char* query, int nParams, const Oid* paramTypes),
            (conn, stmtName, query, nParams, paramTypes))
CTI_FORWARD(k_libpq, PGresult*, PQexecPrepared,
            (PGconn * conn, const char* stmtName, int nParams, const char* const* paramValues,
             const int* paramLengths, const int* paramFormats, int resultFormat),
            (conn, stmtName, nParams, paramValues, paramLengths, paramFormats, resultFormat))
CTI_FORWARD(k_libpq, int, PQsendQuery, (PGconn * conn, const char* query), (conn, query))
CTI_FORWARD(k_libpq, int, PQsendQueryParams,
            (PGconn * conn, const char* command, int nParams, const Oid* paramTypes,
             const char* const* paramValues, const int* paramLengths, const int* paramFormats,
             int resultFormat),
            (conn, command, nParams, paramTypes, paramValues, paramLengths, paramFormats, resultFormat))
CTI_FORWARD(k_libpq, PGresult*, PQgetResult, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQisBusy, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQconsumeInput, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQenterPipelineMode, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQexitPipelineMode, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQpipelineSync, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, PGnotify*, PQnotifies, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQputCopyData, (PGconn * conn, const char* buffer, int nbytes),
            (conn, buffer, nbytes))
CTI_FORWARD(k_libpq, int, PQputCopyEnd, (PGconn * conn, const char* errormsg), (conn, errormsg))
CTI_FORWARD(k_libpq, int, PQgetCopyData, (PGconn * conn, char** buffer, int async), (conn, buffer, async))
CTI_FORWARD(k_libpq, int, PQendcopy, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, int, PQsetnonblocking, (PGconn * conn, int arg), (conn, arg))
CTI_FORWARD(k_libpq, int, PQisnonblocking, (const PGconn* conn), (conn))
CTI_FORWARD(k_libpq, int, PQisthreadsafe, (), ())
CTI_FORWARD(k_libpq, int, PQflush, (PGconn * conn), (conn))
CTI_FORWARD(k_libpq, ExecStatusType, PQresultStatus, (const PGresult* res), (res))
CTI_FORWARD(k_libpq, char*, PQresStatus, (ExecStatusType status), (status))
CTI_FORWARD(k_libpq, char*, PQresultErrorMessage, (const PGresult* res), (res))
CTI_FORWARD(k_libpq, char*, PQresultVerboseErrorMessage,
            (const PGresult* res, PGVerbosity verbosity, PGContextVisibility show_context),
            (res, verbosity, show_context))
CTI_FORWARD(k_libpq, char*, PQresultErrorField, (const PGresult* res, int fieldcode), (res, fieldcode))
CTI_FORWARD(k_libpq, int, PQntuples, (const PGresult* res), (res))
CTI_FORWARD(k_libpq, int, PQnfields, (const PGresult* res), (res))
CTI_FORWARD(k_libpq, char*, PQfname, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, int, PQfnumber, (const PGresult* res, const char* field_name), (res, field_name))
CTI_FORWARD(k_libpq, Oid, PQftable, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, int, PQftablecol, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, int, PQfformat, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, Oid, PQftype, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, int, PQfsize, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, int, PQfmod, (const PGresult* res, int field_num), (res, field_num))
CTI_FORWARD(k_libpq, char*, PQcmdStatus, (PGresult * res), (res))
CTI_FORWARD(k_libpq, Oid, PQoidValue, (const PGresult* res), (res))
CTI_FORWARD(k_libpq, char*, PQcmdTuples, (PGresult * res), (res))
CTI_FORWARD(k_libpq, char*, PQgetvalue, (const PGresult* res, int tup_num, int field_num),
            (res, tup_num, field_num))
CTI_FORWARD(k_libpq, int, PQgetlength, (const PGresult* res, int tup_num, int field_num),
            (res, tup_num, field_num))
CTI_FORWARD(k_libpq, int, PQgetisnull, (const PGresult* res, int tup_num, int field_num),
            (res, tup_num, field_num))
CTI_FORWARD(k_libpq, int, PQnparams, (const PGresult* res), (res))
CTI_FORWARD(k_libpq, void, PQclear, (PGresult * res), (res))
CTI_FORWARD(k_libpq, void, PQfreemem, (void* ptr), (ptr))
CTI_FORWARD(k_libpq, size_t, PQescapeStringConn,
            (PGconn * conn, char* to, const char* from, size_t length, int* error),
            (conn, to, from, length, error))
CTI_FORWARD(k_libpq, char*, PQescapeLiteral, (PGconn * conn, const char* str, size_t len), (conn, str, len))
CTI_FORWARD(k_libpq, char*, PQescapeIdentifier, (PGconn * conn, const char* str, size_t len),
            (conn, str, len))
CTI_FORWARD(k_libpq, unsigned char*, PQescapeByteaConn,
            (PGconn * conn, const unsigned char* from, size_t from_length, size_t* to_length),
            (conn, from, from_length, to_length))
CTI_FORWARD(k_libpq, unsigned char*, PQunescapeBytea, (const unsigned char* strtext, size_t* retbuflen),
            (strtext, retbuflen))
CTI_FORWARD(k_libpq, unsigned char*, PQescapeBytea,
            (const unsigned char* from, size_t from_length, size_t* to_length),
            (from, from_length, to_length))
CTI_FORWARD(k_libpq, int, lo_open, (PGconn * conn, Oid lobjId, int mode), (conn, lobjId, mode))
CTI_FORWARD(k_libpq, int, lo_close, (PGconn * conn, int fd), (conn, fd))
CTI_FORWARD(k_libpq, int, lo_read, (PGconn * conn, int fd, char* buf, size_t len), (conn, fd, buf, len))
CTI_FORWARD(k_libpq, int, lo_write, (PGconn * conn, int fd, const char* buf, size_t len),
            (conn, fd, buf, len))
CTI_FORWARD(k_libpq, int, lo_lseek, (PGconn * conn, int fd, int offset, int whence),
            (conn, fd, offset, whence))
CTI_FORWARD(k_libpq, pg_int64, lo_lseek64, (PGconn * conn, int fd, pg_int64 offset, int whence),
            (conn, fd, offset, whence))
CTI_FORWARD(k_libpq, Oid, lo_creat, (PGconn * conn, int mode), (conn, mode))
CTI_FORWARD(k_libpq, Oid, lo_create, (PGconn * conn, Oid lobjId), (conn, lobjId))
CTI_FORWARD(k_libpq, int, lo_tell, (PGconn * conn, int fd), (conn, fd))
CTI_FORWARD(k_libpq, pg_int64, lo_tell64, (PGconn * conn, int fd), (conn, fd))
CTI_FORWARD(k_libpq, int, lo_truncate, (PGconn * conn, int fd, size_t len), (conn, fd, len))
CTI_FORWARD(k_libpq, int, lo_truncate64, (PGconn * conn, int fd, pg_int64 len), (conn, fd, len))
CTI_FORWARD(k_libpq, int, lo_unlink, (PGconn * conn, Oid lobjId), (conn, lobjId))
CTI_FORWARD(k_libpq, Oid, lo_import, (PGconn * conn, const char* filename), (conn, filename))
CTI_FORWARD(k_libpq, Oid, lo_import_with_oid, (PGconn * conn, const char* filename, Oid lobjId),
            (conn, filename, lobjId))
CTI_FORWARD(k_libpq, int, lo_export, (PGconn * conn, Oid lobjId, const char* filename),
            (conn, lobjId, filename))
CTI_FORWARD(k_libpq, int, PQlibVersion, (), ())
CTI_FORWARD(k_libpq, char*, PQencryptPassword, (const char* passwd, const char* user), (passwd, user))
CTI_FORWARD(k_libpq, char*, PQencryptPasswordConn,
            (PGconn * conn, const char* passwd, const char* user, const char* algorithm),
            (conn, passwd, user, algorithm))
CTI_FORWARD(k_libpq, const char*, pg_encoding_to_char, (int encoding), (encoding))
