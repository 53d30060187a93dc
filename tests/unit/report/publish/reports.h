/* Small definitions for the tests of publishing. */
#ifndef TESTS_PUBLISH_REPORTS_H
#define TESTS_PUBLISH_REPORTS_H

#include "report/publish/publish.h"

#define REPORT(data_sets, parameters, page, items)                                             \
    "<Report xmlns=\"http://schemas.microsoft.com/sqlserver/reporting/2010/01/reportdefinition\">"                    \
    "<DataSets>" data_sets "</DataSets><ReportParameters>" parameters "</ReportParameters>"    \
    "<ReportSections><ReportSection><Body><Height>1in</Height><ReportItems>" items "</ReportItems></Body>"            \
    "<Width>6in</Width><Page>" page "</Page></ReportSection></ReportSections></Report>"
#define SALES                                                                                  \
    "<DataSet Name=\"Sales\"><Fields><Field Name=\"Region\"><DataField>r</DataField></Field>"  \
    "<Field Name=\"City\"><DataField>c</DataField></Field><Field Name=\"Amount\"><DataField>a</DataField></Field></Fields></DataSet>"
#define OTHER "<DataSet Name=\"Other\"><Fields><Field Name=\"Id\"><DataField>i</DataField></Field><Field Name=\"Name\"><DataField>n</DataField></Field></Fields></DataSet>"
#define BOX(name, value)                                                                       \
    "<Textbox Name=\"" name "\"><Paragraphs><Paragraph><TextRuns><TextRun><Value>" value       \
    "</Value></TextRun></TextRuns></Paragraph></Paragraphs></Textbox>"
#define STRING_PARAMETER(name, rest) "<ReportParameter Name=\"" name "\"><DataType>String</DataType>" rest "</ReportParameter>"

/* One row group, one column group; the body cell and the corner hold text boxes. */
#define MATRIX(corner, row_header, cell)                                                       \
    "<Tablix Name=\"M\"><TablixCorner><TablixCornerRows><TablixCornerRow><TablixCornerCell><CellContents>" BOX("Corner", corner) \
    "</CellContents></TablixCornerCell></TablixCornerRow></TablixCornerRows></TablixCorner>"   \
    "<TablixBody><TablixColumns><TablixColumn><Width>1in</Width></TablixColumn></TablixColumns><TablixRows><TablixRow>" \
    "<Height>1in</Height><TablixCells><TablixCell><CellContents>" cell "</CellContents></TablixCell></TablixCells>"   \
    "</TablixRow></TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers><TablixMember><Group Name=\"ByCity\">" \
    "<GroupExpressions><GroupExpression>=Fields!City.Value</GroupExpression></GroupExpressions></Group>"              \
    "<TablixHeader><Size>1in</Size><CellContents>" BOX("City", "=Fields!City.Value") "</CellContents></TablixHeader>" \
    "</TablixMember></TablixMembers></TablixColumnHierarchy><TablixRowHierarchy><TablixMembers><TablixMember>"        \
    "<Group Name=\"ByRegion\"><GroupExpressions><GroupExpression>=Fields!Region.Value</GroupExpression></GroupExpressions>" \
    "<Variables><Variable Name=\"Total\"><Value>=Sum(Fields!Amount.Value)</Value></Variable></Variables></Group>"     \
    "<TablixHeader><Size>1in</Size><CellContents>" BOX("Region", row_header) "</CellContents></TablixHeader>"         \
    "</TablixMember></TablixMembers></TablixRowHierarchy><DataSetName>Sales</DataSetName></Tablix>"

/* A details table: header cell and detail cell, with what else the region, group or member says. */
#define TABLE(name, header, detail, group, member, region)                                     \
    "<Tablix Name=\"" name "\"><TablixBody><TablixColumns><TablixColumn><Width>1in</Width></TablixColumn></TablixColumns><TablixRows>" \
    "<TablixRow><Height>1in</Height><TablixCells><TablixCell><CellContents>" header "</CellContents></TablixCell></TablixCells></TablixRow>" \
    "<TablixRow><Height>1in</Height><TablixCells><TablixCell><CellContents>" detail "</CellContents></TablixCell></TablixCells></TablixRow>" \
    "</TablixRows></TablixBody><TablixColumnHierarchy><TablixMembers><TablixMember/></TablixMembers></TablixColumnHierarchy>" \
    "<TablixRowHierarchy><TablixMembers><TablixMember/><TablixMember><Group Name=\"" name "Details\">" group "</Group>" member \
    "</TablixMember></TablixMembers></TablixRowHierarchy>" region "</Tablix>"

#endif
