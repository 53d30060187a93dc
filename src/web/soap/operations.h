/* web/soap/operations.h - what runs where a contract's table says so. Arguments and results are named by the tables.
 */
#ifndef WEB_SOAP_OPERATIONS_H
#define WEB_SOAP_OPERATIONS_H

#include "web/soap/call.h"

/* secure.c */
rs_status soap_list_secure_methods(struct soap_call *call);
rs_status soap_is_ssl_required(struct soap_call *call);

/* items.c: path; path and whether deep; new path's name and folder, properties; path and new path */
rs_status soap_get_item_type(struct soap_call *call);
rs_status soap_list_children(struct soap_call *call);
rs_status soap_create_folder(struct soap_call *call);
rs_status soap_move_item(struct soap_call *call);
rs_status soap_delete_item(struct soap_call *call);

/* properties.c */
rs_status soap_get_properties(struct soap_call *call);
rs_status soap_set_properties(struct soap_call *call);

/* definitions.c */
rs_status soap_get_item_definition(struct soap_call *call);
rs_status soap_set_item_definition(struct soap_call *call);
rs_status soap_create_catalog_item(struct soap_call *call);
rs_status soap_create_report(struct soap_call *call);
rs_status soap_create_resource(struct soap_call *call);
rs_status soap_get_report_definition(struct soap_call *call);
rs_status soap_set_report_definition(struct soap_call *call);
rs_status soap_get_resource_contents(struct soap_call *call);
rs_status soap_set_resource_contents(struct soap_call *call);

/* data_sources.c */
rs_status soap_create_data_source(struct soap_call *call);
rs_status soap_get_data_source_contents(struct soap_call *call);
rs_status soap_set_data_source_contents(struct soap_call *call);
rs_status soap_enable_data_source(struct soap_call *call);
rs_status soap_disable_data_source(struct soap_call *call);

/* report_sources.c */
rs_status soap_get_item_data_sources(struct soap_call *call);
rs_status soap_set_item_data_sources(struct soap_call *call);

/* parameters.c */
rs_status soap_get_item_parameters(struct soap_call *call);

/* search.c */
rs_status soap_find_items(struct soap_call *call);
rs_status soap_find_items_2005(struct soap_call *call);
rs_status soap_list_parents(struct soap_call *call);
rs_status soap_list_dependent_items(struct soap_call *call);

/* words.c */
rs_status soap_list_item_types(struct soap_call *call);
rs_status soap_list_credential_options(struct soap_call *call);
rs_status soap_list_parameter_types(struct soap_call *call);
rs_status soap_list_parameter_states(struct soap_call *call);

/* ---- what several of them write and read --------------------------------------------------------- */

/* An item as the contract's type has it, in an element of this name. */
void soap_write_item(const struct soap_call *call, const char *name, const struct catalog_item *item);
/* The result at `place` where the contract has it: one item; a list. */
void soap_give_item(const struct soap_call *call, size_t place, const struct catalog_item *item);
void soap_give_items(const struct soap_call *call, size_t place, const struct catalog_items *items);
void soap_give_warnings(const struct soap_call *call, size_t place, const struct service_warnings *warnings);

/* In an element of this name; never a password. `is_expression`: its connection string, of a report's own data source. */
void soap_write_data_source(const struct soap_call *call, const char *name, const struct data_source_definition *definition,
                            bool is_expression);

/* The properties that an argument sets. One that cannot be set fails with SERVICE_PROPERTY_READ_ONLY, one that is not kept here
 * with RS_UNSUPPORTED. */
RS_CHECKED rs_status soap_properties_read(const struct soap_call *call, size_t place, struct service_set_properties *out);
/* What an item is created with; and, where one was replaced, what else was given. */
rs_text soap_description_of(const struct service_set_properties *given);
bool soap_hidden_of(const struct service_set_properties *given);
RS_CHECKED rs_status soap_properties_apply(const struct soap_call *call, rs_text path, struct service_set_properties *given);

#endif
