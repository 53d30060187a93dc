"""Pieces of report definitions with looks: text boxes, tables, matrices and lists, measured in pixels of 1/96 inch.

The pieces of tests/e2e/reports.py have no looks on purpose; these are for pages that somebody looks at.
"""
import itertools

from reports import NAMESPACE, escape, group, inline_data

numbers = itertools.count(1)


def name(kind):
    return f"{kind}{next(numbers)}"


def inches(pixels):
    return f"{pixels / 96:.4f}in"


def place(at):
    if at is None:
        return ""
    left, top, width, height = at
    return (f"<Top>{inches(top)}</Top><Left>{inches(left)}</Left><Height>{inches(height)}</Height>"
            f"<Width>{inches(width)}</Width>")


def border(style="Solid", color="#c0c0c0", width="1px"):
    """All sides; `sides` of `text` names one."""
    points = f"{float(width.removesuffix('px')) * 0.75:g}pt"
    return f"<Style>{style}</Style><Color>{color}</Color><Width>{points}</Width>"


RUN_STYLE = {"font": "FontFamily", "size": "FontSize", "weight": "FontWeight", "slant": "FontStyle", "color": "Color",
             "line": "TextDecoration", "form": "Format"}
BOX_STYLE = {"fill": "BackgroundColor", "valign": "VerticalAlign", "writing": "WritingMode", "gradient": "BackgroundGradientType",
             "fill_end": "BackgroundGradientEndColor"}


def style(values, table):
    """The elements of `table` that `values` has, in its order."""
    return "".join(f"<{element}>{escape(str(values[key]))}</{element}>" for key, element in table.items() if key in values)


def run(value, markup="", link="", **looks):
    looks = {"font": "Verdana", "size": "8pt", **looks}
    action = (f"<ActionInfo><Actions><Action><Hyperlink>{escape(link)}</Hyperlink></Action></Actions></ActionInfo>" if link else "")
    return (f"<TextRun><Value>{escape(value)}</Value>{f'<MarkupType>{markup}</MarkupType>' if markup else ''}{action}"
            f"<Style>{style(looks, RUN_STYLE)}</Style></TextRun>")


def paragraph(*runs, align=""):
    inner = f"<TextAlign>{align}</TextAlign>" if align else ""
    return f"<Paragraph><TextRuns>{''.join(runs)}</TextRuns><Style>{inner}</Style></Paragraph>"


def text(value, at=None, align="", pad=(4, 3, 4, 3), box=None, sides=None, name_=None, toggle="", hide="", paragraphs=None,
         markup="", link="", **looks):
    """A text box. `value` may be what `paragraphs` would hold otherwise; `pad`: left, top, right, bottom in points; `box`:
    the border of all sides; `sides`: {"Bottom": border(...)}."""
    box_style = style(looks, BOX_STYLE)
    inner = "".join(paragraphs) if paragraphs else paragraph(
        run(value, markup=markup, link=link, **{k: v for k, v in looks.items() if k in RUN_STYLE}), align=align)
    frame = f"<Border>{box}</Border>" if box else ""
    for side, value_ in (sides or {}).items():
        frame += f"<{side}Border>{value_}</{side}Border>"
    padding = "".join(f"<Padding{side}>{points}pt</Padding{side}>" for side, points in zip(("Left", "Top", "Right", "Bottom"), pad))
    state = f"<ToggleImage><InitialState>{toggle}</InitialState></ToggleImage>" if toggle else ""
    return (f'<Textbox Name="{name_ or name("Text")}"><CanGrow>true</CanGrow><KeepTogether>true</KeepTogether>'
            f"<Paragraphs>{inner}</Paragraphs>{state}{hide}{place(at)}<Style>{frame}{box_style}{padding}</Style></Textbox>")


def rectangle(*items, at=None, box=None, looks=""):
    frame = f"<Border>{box}</Border>" if box else ""
    return (f'<Rectangle Name="{name("Box")}"><ReportItems>{"".join(items)}</ReportItems><KeepTogether>true</KeepTogether>{place(at)}'
            f"<Style>{frame}{looks}</Style></Rectangle>")


def line(at, look):
    return f'<Line Name="{name("Line")}">{place(at)}<Style><Border>{look}</Border></Style></Line>'


def database_image(value, at=None, sizing="FitProportional", box=None):
    frame = f"<Border>{box}</Border>" if box else ""
    return (f'<Image Name="{name("Image")}"><Source>Database</Source><Value>{escape(value)}</Value><MIMEType>image/png</MIMEType>'
            f"<Sizing>{sizing}</Sizing>{place(at)}<Style>{frame}<PaddingTop>2pt</PaddingTop><PaddingBottom>2pt</PaddingBottom></Style></Image>")


def subreport(report, at, **parameters):
    given = "".join(f'<Parameter Name="{k}"><Value>{escape(v)}</Value></Parameter>' for k, v in parameters.items())
    return (f'<Subreport Name="{name("Subreport")}"><ReportName>{report}</ReportName><Parameters>{given}</Parameters>{place(at)}'
            "<Style/></Subreport>")


def contents(item, across=1, down=1):
    """What stands in a cell of a body, a header or the corner; "" is a cell that another one covers."""
    spans = (f"<ColSpan>{across}</ColSpan>" if across > 1 else "") + (f"<RowSpan>{down}</RowSpan>" if down > 1 else "")
    return f"<CellContents>{item}{spans}</CellContents>"


def member(grouped=None, by=(), sort=None, header=None, members=(), toggle="", hidden=True, after=False, before=False, repeat=False):
    """A member of a hierarchy. `grouped`: the group's name, with `by` its expressions (none: details); `header`: (pixels, item);
    `toggle`: the text box that shows it."""
    inside = ""
    if grouped:
        inside += group(grouped, *by)
    for expression in ([sort] if isinstance(sort, str) else sort or []):
        inside += f"<SortExpressions><SortExpression><Value>{escape(expression)}</Value></SortExpression></SortExpressions>"
    if header:
        inside += f"<TablixHeader><Size>{inches(header[0])}</Size>{contents(header[1])}</TablixHeader>"
    if toggle:
        inside += f"<Visibility><Hidden>{'true' if hidden else 'false'}</Hidden><ToggleItem>{toggle}</ToggleItem></Visibility>"
    if after or before:
        inside += f"<KeepWithGroup>{'After' if after else 'Before'}</KeepWithGroup>"
    if repeat:
        inside += "<RepeatOnNewPage>true</RepeatOnNewPage>"
    if members:
        inside += f"<TablixMembers>{''.join(members)}</TablixMembers>"
    return f"<TablixMember>{inside}</TablixMember>"


def tablix(widths, rows, row_members, column_members=None, data="D", at=(0, 0), corner=(), looks="", rest=""):
    """`rows`: (pixels, [cell, ...]); a cell is an item or (item, columns it spans). `corner`: rows of (item, across, down) or None."""
    def cells(row):
        out = ""
        for cell in row:
            item, across = cell if isinstance(cell, tuple) else (cell, 1)
            out += f"<TablixCell>{contents(item, across)}</TablixCell>" + "<TablixCell/>" * (across - 1)
        return out

    columns = "".join(f"<TablixColumn><Width>{inches(w)}</Width></TablixColumn>" for w in widths)
    body = "".join(f"<TablixRow><Height>{inches(h)}</Height><TablixCells>{cells(row)}</TablixCells></TablixRow>" for h, row in rows)
    corner_rows = "".join("<TablixCornerRow>" + "".join(
        f"<TablixCornerCell>{contents(*c)}</TablixCornerCell>" if c else "<TablixCornerCell/>" for c in row) + "</TablixCornerRow>"
        for row in corner)
    column_members = column_members or [member() for _ in widths]
    return (f'<Tablix Name="{name("Tablix")}">' + (f"<TablixCorner><TablixCornerRows>{corner_rows}</TablixCornerRows></TablixCorner>" if corner else "") +
            f"<TablixBody><TablixColumns>{columns}</TablixColumns><TablixRows>{body}</TablixRows></TablixBody>"
            f"<TablixColumnHierarchy><TablixMembers>{''.join(column_members)}</TablixMembers></TablixColumnHierarchy>"
            f"<TablixRowHierarchy><TablixMembers>{''.join(row_members)}</TablixMembers></TablixRowHierarchy>"
            f"<DataSetName>{data}</DataSetName>{rest}{place((*at, sum(widths), sum(h for h, _ in rows)))}<Style>{looks}</Style></Tablix>")


def page(*items, size, data="", header="", footer="", columns="", parameters="", looks="", body=None, margin=8, language="en-US"):
    """A report whose only page is `size` = (width, height) pixels."""
    width, height = size
    margins = "".join(f"<{side}Margin>{inches(margin)}</{side}Margin>" for side in ("Left", "Right", "Top", "Bottom"))
    body_width, body_height = body or (width - 2 * margin, height - 2 * margin)
    source = ('<DataSources><DataSource Name="Inline"><ConnectionProperties><DataProvider>ENTERDATA</DataProvider><ConnectString/>'
              "</ConnectionProperties></DataSource></DataSources>") if data else ""
    return (f'<?xml version="1.0" encoding="utf-8"?><Report xmlns="{NAMESPACE}">{source}' +
            (f"<DataSets>{data}</DataSets>" if data else "") +
            (f"<ReportParameters>{parameters}</ReportParameters>" if parameters else "") +
            f"<ReportSections><ReportSection><Body><ReportItems>{''.join(items)}</ReportItems><Height>{inches(body_height)}</Height>"
            f"<Style>{looks}</Style></Body><Width>{inches(body_width)}</Width><Page>{header}{footer}<PageHeight>{inches(height)}</PageHeight>"
            f"<PageWidth>{inches(width)}</PageWidth>{margins}{columns}<Style/></Page></ReportSection></ReportSections>"
            f"<ConsumeContainerWhitespace>true</ConsumeContainerWhitespace><Language>{language}</Language></Report>")


def rows(fields, *lines, data_set="D"):
    """A data set of `lines`, whose values are parted by `|`; `fields` likewise, with types."""
    return inline_data(data_set, [[v.strip() for v in l.split("|")] for l in lines], [f.strip() for f in fields.split("|")])
