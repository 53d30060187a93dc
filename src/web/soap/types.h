/* web/soap/types.h - the types of the contracts, as a WSDL declares them.
 *
 * Values are written by the operations; tests hold what they write against the schema that is made of these tables.
 *
 * Source:  the WSDL of ReportingService2005 and ReportingService2010.
 */
#ifndef WEB_SOAP_TYPES_H
#define WEB_SOAP_TYPES_H

#include <stdbool.h>

enum soap_kind {
    SOAP_PLAIN,  /* of XML Schema */
    SOAP_WORDS,  /* one of a list of words */
    SOAP_RECORD, /* members in their order */
    SOAP_LIST,   /* any number of one element */
};

enum soap_presence {
    SOAP_MAYBE,  /* minOccurs 0 */
    SOAP_ALWAYS, /* minOccurs 1 */
    SOAP_EITHER, /* one of this and its neighbours that are SOAP_EITHER too */
};

struct soap_type;

struct soap_part {
    const char *name; /* NULL ends a list */
    const struct soap_type *type;
    enum soap_presence presence;
};

struct soap_type {
    const char *name; /* "s:string" of a plain one; of the contract's own without a prefix: "CatalogItem" */
    enum soap_kind kind;
    const struct soap_part *parts;  /* of a record; of a list the one element */
    const char *const *words;       /* with NULL at the end */
    const struct soap_type *base;   /* that a record extends; NULL: none */
    bool is_header;                 /* further attributes may stand in it, as mustUnderstand does */
};

/* A list of parts, and one without any. */
#define SOAP_PARTS(...) (const struct soap_part[]){__VA_ARGS__, {0}}
#define SOAP_NO_PARTS (const struct soap_part[]){{0}}

extern const struct soap_type soap_string, soap_boolean, soap_int, soap_date_time, soap_base64;

/* What both contracts have in one shape. */
extern const struct soap_type soap_property, soap_properties, soap_warnings, soap_data_source_definition, soap_data_sources, soap_boolean_operator,
    soap_parameter_values, soap_credentials, soap_valid_value;
extern const struct soap_type soap_trusted_user_header, soap_item_namespace_header, soap_server_info_header;

#endif
