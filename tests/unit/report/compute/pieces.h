/* Pieces of report definitions, and a run of one shown as text. */
#ifndef TESTS_COMPUTE_PIECES_H
#define TESTS_COMPUTE_PIECES_H

#include "report/compute/compute.h"
#include "report/publish/publish.h"

#define TEXTBOX(name, value)                                                                                     \
    "<Textbox Name='" name "'><Paragraphs><Paragraph><TextRuns><TextRun><Value>" value                           \
    "</Value><Style/></TextRun></TextRuns><Style/></Paragraph></Paragraphs><Style/></Textbox>"
#define CELL(name, value) "<TablixCell><CellContents>" TEXTBOX(name, value) "</CellContents></TablixCell>"
#define CELL_OF(item) "<TablixCell><CellContents>" item "</CellContents></TablixCell>"
#define ROW(cells) "<TablixRow><Height>12pt</Height><TablixCells>" cells "</TablixCells></TablixRow>"
#define COLUMNS1 "<TablixColumns><TablixColumn><Width>50pt</Width></TablixColumn></TablixColumns>"
#define COLUMNS2                                                                                                 \
    "<TablixColumns><TablixColumn><Width>50pt</Width></TablixColumn><TablixColumn><Width>50pt</Width></TablixColumn>" \
    "</TablixColumns>"
#define COLUMNS3                                                                                                 \
    "<TablixColumns><TablixColumn><Width>50pt</Width></TablixColumn><TablixColumn><Width>50pt</Width></TablixColumn>" \
    "<TablixColumn><Width>50pt</Width></TablixColumn></TablixColumns>"
#define STATIC "<TablixMember/>"
#define STATICS2 STATIC STATIC
#define STATICS3 STATIC STATIC STATIC
#define HEADER(name, value)                                                                                      \
    "<TablixHeader><Size>50pt</Size><CellContents>" TEXTBOX(name, value) "</CellContents></TablixHeader>"
#define DETAILS_CALLED(name) "<TablixMember><Group Name='" name "'/></TablixMember>"
#define DETAILS DETAILS_CALLED("Details")
#define BY(name, expression) "<Group Name='" name "'><GroupExpressions><GroupExpression>" expression              \
    "</GroupExpression></GroupExpressions></Group>"
#define SORT(expression)                                                                                         \
    "<SortExpressions><SortExpression><Value>" expression "</Value></SortExpression></SortExpressions>"
#define SORT_DOWN(expression)                                                                                    \
    "<SortExpressions><SortExpression><Value>" expression                                                        \
    "</Value><Direction>Descending</Direction></SortExpression></SortExpressions>"
#define MEMBERS(members) "<TablixMembers>" members "</TablixMembers>"
#define ROWS_OF(members) "<TablixRowHierarchy>" MEMBERS(members) "</TablixRowHierarchy>"
#define COLUMNS_OF(members) "<TablixColumnHierarchy>" MEMBERS(members) "</TablixColumnHierarchy>"
#define TABLIX(name, columns, rows, column_members, row_members, rest)                                            \
    "<Tablix Name='" name "'><TablixBody>" columns "<TablixRows>" rows "</TablixRows></TablixBody>"              \
    COLUMNS_OF(column_members) ROWS_OF(row_members) rest "</Tablix>"
#define FILTER(expression, op, values)                                                                           \
    "<Filters><Filter><FilterExpression>" expression "</FilterExpression><Operator>" op                          \
    "</Operator><FilterValues>" values "</FilterValues></Filter></Filters>"
#define VALUE(v) "<FilterValue>" v "</FilterValue>"
#define INTEGER(v) "<FilterValue DataType='Integer'>" v "</FilterValue>"
#define FIELD(name, type) "<Field Name='" name "'><DataField>" name "</DataField><TypeName xmlns='urn:rd'>" type  \
    "</TypeName></Field>"
#define CALCULATED(name, value) "<Field Name='" name "'><Value>" value "</Value></Field>"
#define DATA_SET(name, path, rows, fields, rest)                                                                 \
    "<DataSet Name='" name "'><Query><DataSourceName>Inline</DataSourceName><CommandText><![CDATA[<Query><XmlData><Data>" \
    rows "</Data></XmlData><ElementPath>Data{}/R{" path "}</ElementPath></Query>]]></CommandText></Query><Fields>" \
    fields "</Fields>" rest "</DataSet>"
#define PLAIN(name) "<Field Name='" name "'><DataField>" name "</DataField></Field>"
#define REPORT(data_sets, body, rest)                                                                            \
    "<Report xmlns='http://schemas.microsoft.com/sqlserver/reporting/2016/01/reportdefinition'>"                 \
    "<DataSources><DataSource Name='Inline'><ConnectionProperties><DataProvider>ENTERDATA</DataProvider><ConnectString/>" \
    "</ConnectionProperties></DataSource></DataSources><DataSets>" data_sets "</DataSets>"                       \
    "<ReportSections><ReportSection><Body><ReportItems>" body                                                    \
    "</ReportItems><Height>100pt</Height></Body><Width>200pt</Width><Page/></ReportSection></ReportSections>" rest \
    "</Report>"

/* Eight sales. */
#define SALE(region, city, amount, units)                                                                        \
    "<R Region='" region "' City='" city "' Amount='" amount "' Units='" units "'/>"
#define SALES_ROWS                                                                                               \
    SALE("South", "Cork", "10.10", "1") SALE("North", "Bergen", "20.20", "2") SALE("South", "Faro", "5.05", "3") \
    SALE("North", "Oslo", "1.00", "4") SALE("South", "Cork", "2.50", "5") SALE("West", "Hull", "7.00", "6")      \
    SALE("North", "Bergen", "0.30", "7") SALE("West", "Hull", "", "8")
#define SALES_PATH "@Region(String),@City(String),@Amount(Decimal),@Units(Integer)"
#define SALES_FIELDS PLAIN("Region") PLAIN("City") PLAIN("Amount") PLAIN("Units")
#define SALES DATA_SET("Sales", SALES_PATH, SALES_ROWS, SALES_FIELDS, "")

struct compute_run *pieces_open(struct rs_job *job, const char *definition, const struct compute_options *options);
/* The region called `name` as text: a line of column headers where there are any, then a line per row leaf: headers of its
 * path in brackets, then the cells, separated by '|'. Hidden members are left out. */
rs_status pieces_show(struct rs_job *job, struct compute_run *run, const char *name, rs_text *out);
/* The same of a report that is opened and started for it; fails the test where that fails. */
rs_text pieces_table(struct rs_job *job, const char *definition, const char *name);
/* The value of the text box called `name`, in the body. */
rs_text pieces_text(struct rs_job *job, struct compute_run *run, const char *name);
const struct rdl_item *pieces_item(struct compute_run *run, const char *name);

#endif
