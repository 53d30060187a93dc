"""Reports with looks, each of the shape and with the data of a picture of the original: what they are, in one table.

    @picture("file of the original's picture", "docs name", says=[...])
    def report_name(): return definition

`says`: texts that the original's picture shows and that a page of ours must show as well, totals first of all.
"""
import base64
import decimal
import struct
import zlib

from pieces import border, database_image, member, page, paragraph, rectangle, rows, run, subreport, tablix, text

PICTURES = {}  # name -> (file of the original's picture, size, says, other definitions, function)
GRID = border()
BLUE, GOLD, STEEL = "#e1e8f4", "#ffd05a", "#a2bdd4"


def picture(original, size, says=(), beside=()):
    def keep(function):
        PICTURES[function.__name__] = (original, size, list(says), list(beside), function)
        return function
    return keep


def cell(value, **looks):
    return text(value, **{"box": GRID, **looks})


def head(value, **looks):
    return cell(value, weight="Bold", **looks)


def amount(value, **looks):
    return cell(value, **{"align": "Right", "form": "C", **looks})


# ---- tables

ORDERS = ("Day(Date)|Order|Product|Qty(Integer)|Total(Decimal)",
          "2005-07-01|SO43659|AWC Logo Cap|2|10.373000", "2005-07-01|SO43659|Long-Sleeve Logo Jersey, M|3|86.521200",
          "2005-07-01|SO43659|Long-Sleeve Logo Jersey, XL|1|28.840400", "2005-07-01|SO43659|Mountain Bike Socks, M|6|34.200000",
          "2005-07-01|SO43661|AWC Logo Cap|4|20.746000", "2005-07-01|SO43661|Long-Sleeve Logo Jersey, L|4|115.361600",
          "2005-07-01|SO43661|Long-Sleeve Logo Jersey, XL|2|57.680800")
TABLE = (86, 84, 100, 86, 87)
HEADINGS = ("Date", "Order", "Product", "Qty", "Line Total")


def details(first, headings, formatted):
    day = cell("=Fields!Day.Value", form="MMMM dd, yyyy") if formatted else cell("=Fields!Day.Value", align="Right")
    total = amount("=Fields!Total.Value") if formatted else cell("=Fields!Total.Value", align="Right")
    row = [day, cell("=Fields!Order.Value"), cell("=Fields!Product.Value", pad=(10, 3, 8, 8)), cell("=Fields!Qty.Value", align="Right"), total]
    return page(tablix(TABLE, [(18, headings), (18, row)], [member(after=True, repeat=True), member("Rows")]),
                size=(459, 200), data=rows(*ORDERS[:first + 1]))


@picture("rs-basictabledetailspreview.gif", (459, 200), ["7/1/2005", "12:00:00 AM", "10.373000", "86.521200", "28.840400"])
def table_of_details():
    return details(3, [cell(h, align="Right" if h == "Line Total" else "Left") for h in HEADINGS], formatted=False)


@picture("rs-basictabledetailsformattedpreview.gif", (459, 200), ["July 01, 2005", "$10.37", "$86.52", "$28.84"])
def table_with_formats():
    return details(3, [head(h, align="Right" if h == "Line Total" else "Left") for h in HEADINGS], formatted=True)


@picture("rs-basictablegroupspreview.gif", (459, 390), ["SO43659", "SO43661", "$34.20", "$20.75", "$115.36", "$57.68"])
def table_of_groups():
    body = [cell("=Fields!Product.Value", pad=(10, 3, 8, 8)), cell("=Fields!Qty.Value", align="Right"), amount("=Fields!Total.Value")]
    by_order = member("Order", ["=Fields!Order.Value"], header=(85, cell("=Fields!Order.Value")), members=[member("Rows")])
    by_day = member("Day", ["=Fields!Day.Value"], header=(85, cell("=Fields!Day.Value", form="MMMM dd, yyyy")), members=[by_order])
    headings = member(after=True, repeat=True, header=(85, cell("Date")), members=[member(header=(85, cell("Order")), members=[member()])])
    return page(tablix(TABLE[2:], [(18, [cell("Product"), cell("Qty"), cell("Line Total")]), (18, body)], [headings, by_day]),
                size=(459, 390), data=rows(*ORDERS))


GROUPED = ("Day(Date)|Order|Product|Qty(Integer)|Total(Decimal)",
           "2004-06-30|SO71950|Women's Mountain Shorts, L|6|251.96", "2004-06-30|SO71950|Women's Mountain Shorts, S|3|125.98",
           "2004-06-30|SO71951|Women's Mountain Shorts, L|3|125.98", "2004-06-30|SO71952|Women's Mountain Shorts, L|15|548.55",
           "2004-06-30|SO71952|Women's Mountain Shorts, M|3|125.98", "2004-06-30|SO71952|Women's Mountain Shorts, S|3|125.98")


@picture("rs-basictablesumgrandtotalpreview.gif", (460, 470), ["Order Total", "$377.94", "$125.98", "$800.51", "Daily Total", "Grand Total"])
def table_of_totals():
    grey = "#d3d3d3"

    def total(label, fill):
        return [cell(label, fill=fill), cell("=Sum(Fields!Qty.Value)", align="Right", fill=fill), amount("=Sum(Fields!Total.Value)", fill=fill)]

    body = [cell("=Fields!Product.Value", pad=(10, 3, 8, 8)), cell("=Fields!Qty.Value", align="Right"), amount("=Fields!Total.Value")]
    by_order = member("Order", ["=Fields!Order.Value"], header=(90, cell("=Fields!Order.Value")), members=[member("Rows"), member(before=True)])
    by_day = member("Day", ["=Fields!Day.Value"], header=(90, cell("")), members=[
        by_order, member(before=True, header=(90, cell("Daily Total", fill=GOLD)), members=[member()])])
    grand = member(before=True, header=(90, cell("Grand Total", fill=BLUE)), members=[member(header=(90, cell("", fill=BLUE)), members=[member()])])
    return page(tablix((90, 54, 106), [(18, body), (18, total("Order Total", grey)), (18, total("", GOLD)), (18, total("", BLUE))],
                       [by_day, grand]), size=(460, 470), data=rows(*GROUPED))


@picture("rs-basictabledetailstotalpreview.gif", (460, 160), ["Total Orders:", "Total Sales:", "$251.96"])
def table_with_a_total():
    lines = ("2004-06-01|SO71952|Women's Mountain Shorts, M|3|125.98", "2004-06-01|SO71952|Women's Mountain Shorts, S|3|125.98")
    row = [cell("=Fields!Day.Value", form="MMMM dd, yyyy"), cell("=Fields!Order.Value"), cell("=Fields!Product.Value"),
           cell("=Fields!Qty.Value", align="Right"), amount("=Fields!Total.Value")]
    last = [head("Total Orders:", align="Right", pad=(0, 3, 2, 3)), head("=CountDistinct(Fields!Order.Value)", align="Right"), cell(""),
            head("Total Sales:", align="Right", pad=(0, 3, 2, 3)), amount("=Sum(Fields!Total.Value)", weight="Bold")]
    return page(tablix(TABLE, [(18, row), (18, last)], [member("Rows"), member(before=True)]), size=(460, 160), data=rows(ORDERS[0], *lines))


@picture("rs-basictablegroupsdrilldownpreview.gif", (459, 270), ["July 01, 2001", "$2,875.15", "$7,038.58", "SO44075", "$11.40"])
def table_that_opens():
    lines = ("2001-07-01|SO43659|Mountain Bike Socks, M|167|2875.15", "2001-08-01|SO43901|AWC Logo Cap|449|7038.58",
             "2001-09-01|SO44074|AWC Logo Cap|1|5.19", "2001-09-01|SO44075|Mountain Bike Socks, L|1|5.70",
             "2001-09-01|SO44075|Mountain Bike Socks, M|2|11.40")
    day = cell("=Fields!Day.Value", form="MMMM dd, yyyy", name_="Day", toggle="=Month(Fields!Day.Value) = 9")
    body = [cell("=Fields!Product.Value", pad=(10, 3, 8, 8)), cell("=Fields!Qty.Value", align="Right"), amount("=Fields!Total.Value")]
    short = [cell("=First(Fields!Product.Value)"), cell("=Sum(Fields!Qty.Value)", align="Right"), amount("=Sum(Fields!Total.Value)")]
    headings = member(after=True, repeat=True, header=(85, cell("Date")), members=[member(header=(85, cell("Order")), members=[member()])])
    hidden = "<Visibility><Hidden>=Month(Fields!Day.Value) {} 9</Hidden>{}</Visibility>"
    orders = member("Order", ["=Fields!Order.Value"], header=(85, cell("=Fields!Order.Value")), members=[member("Rows")])
    orders = orders.replace("<TablixHeader>", hidden.format("&lt;&gt;", "<ToggleItem>Day</ToggleItem>") + "<TablixHeader>", 1)
    closed = member(header=(85, cell("")), members=[member()])
    closed = closed.replace("<TablixHeader>", hidden.format("=", "<ToggleItem>Day</ToggleItem>") + "<TablixHeader>", 1)
    by_day = member("Days", ["=Fields!Day.Value"], header=(85, day), members=[orders, closed])
    return page(tablix(TABLE[2:], [(18, [cell("Product"), cell("Qty"), cell("Line Total")]), (18, body), (18, short)], [headings, by_day]),
                size=(459, 270), data=rows(ORDERS[0], *lines))


def three_orders():
    return rows("Category|Order|Sales(Decimal)", "Accessories|SO46604|245.01", "Accessories|SO46605|84.11", "Accessories|SO46608|589.83")


SMALL = {"font": "Arial", "size": "10pt"}


@picture("rs-tableheaderstaticpreview.gif", (293, 113), ["Category", "SO46604", "$245.01", "$84.11", "$589.83"])
def headings_that_stand():
    row = [cell("=Fields!Category.Value", **SMALL), cell("=Fields!Order.Value", **SMALL), amount("=Fields!Sales.Value", **SMALL)]
    top = [head("Category", **SMALL), head("Order", **SMALL), head("Sales", align="Right", **SMALL)]
    return page(tablix((96, 96, 84), [(24, top), (24, row)], [member(after=True, repeat=True), member("Rows")]), size=(293, 113), data=three_orders())


@picture("rs-tableheaderdynamicwithgroupheadercellpreview.gif", (293, 113), ["Accessories", "SO46605"])
def headings_of_a_group():
    row = [cell("=Fields!Order.Value", **SMALL), amount("=Fields!Sales.Value", **SMALL)]
    top = [head("Order", **SMALL), head("Sales", align="Right", **SMALL)]
    by = member("Category", ["=Fields!Category.Value"], header=(96, cell("=Fields!Category.Value", **SMALL)), members=[member("Rows")])
    return page(tablix((96, 84), [(24, top), (24, row)],
                       [member(after=True, repeat=True, header=(96, head("Category", **SMALL)), members=[member()]), by]),
                size=(293, 113), data=three_orders())


@picture("rs-createbasicreporttutorial.gif", (480, 330), ["January 05, 2009", "$9,224.60", "$10,280.60", "$18,638.40", "Total", "$27,020.40"])
def table_in_colours():
    lines = ("2009-01-05|Accessories|Carrying Case|68|9224.60", "2009-01-05|Accessories|Mini Battery Charger|44|1056.00",
             "2009-01-05|Digital|Slim Digital|44|8357.80", "2009-01-11|Accessories|Lens Adapter|17|1147.50",
             "2009-01-11|Digital|Advanced Digital|39|7234.50")
    dark, middle, light = "#4a68a8", "#9fb8e6", "#cadcf8"

    def box(value, fill, **looks):
        return text(value, **{"fill": fill, "box": border("Solid", "White"), **looks})

    def total(label, fill, **looks):
        return [box(label, fill, **looks), box("=Sum(Fields!Qty.Value)", fill, align="Right", **looks),
                box("=Sum(Fields!Sales.Value)", fill, align="Right", form="C", **looks)]

    row = [box("=Fields!Product.Value", "White"), box("=Fields!Qty.Value", "White", align="Right"),
           box("=Fields!Sales.Value", "White", align="Right", form="C")]
    heading = [box(h, dark, color="White") for h in ("Product", "Quantity", "Sales")]
    sub = member("Subcategory", ["=Fields!Sub.Value"], header=(86, box("=Fields!Sub.Value", light, color=dark)), members=[member("Rows"), member(before=True)])
    day = member("Day", ["=Fields!Day.Value"], header=(112, box("=Fields!Day.Value", middle, color=dark, align="Right", form="MMMM dd, yyyy")), members=[
        sub, member(before=True, header=(86, box("Total", middle, color=dark)), members=[member()])])
    top = member(after=True, repeat=True, header=(112, box("Sales Date", dark, color="White", size="9pt")), members=[
        member(header=(86, box("Subcategory", dark, color="White")), members=[member()])])
    last = member(before=True, header=(112, box("Total", "#6f8fd0", color="White")), members=[member(header=(86, box("", "#6f8fd0")), members=[member()])])
    return page(text("Product Sales", at=(0, 0, 200, 22), color=dark, size="10pt"),
                tablix((120, 64, 76), [(18, heading), (18, row), (18, total("", light)), (18, total("", middle)), (18, total("", "#6f8fd0", color="White"))],
                       [top, day, last], at=(0, 24)),
                size=(480, 330), data=rows("Day(Date)|Sub|Product|Qty(Integer)|Sales(Decimal)", *lines))


# ---- matrices

def spread(label, across, down):
    """Rows `label|column|year|amount` whose sums over the years are `across` and over the columns `down`."""
    lines, columns, years = [], [[n, decimal.Decimal(v)] for n, v in across], [[n, decimal.Decimal(v)] for n, v in down]
    while columns and years:
        part = min(columns[0][1], years[0][1])
        lines.append(f"{label}|{columns[0][0]}|{years[0][0]}|{part}")
        for side in (columns, years):
            side[0][1] -= part
            if not side[0][1]:
                side.pop(0)
    return lines


@picture("rs-basicmatrixpreview.gif", (420, 160), ["North America", "$384,057", "$11,503,109", "$183,142"])
def matrix():
    table = {"Accessories": (384057, 148057, 18599), "Bikes": (51990891, 11503109, 1186388), "Clothing": (1251999, 443035, 33683),
             "Components": (8601244, 2746093, 183142)}
    lines = [f"{c}|{area}|{v}" for c, values in table.items() for area, v in zip(("North America", "Europe", "Pacific"), values)]
    return page(tablix((102,), [(28, [amount("=Sum(Fields!Sales.Value)", form="C0", valign="Middle")])],
                       [member("Category", ["=Fields!Category.Value"], header=(92, head("=Fields!Category.Value", valign="Middle")))],
                       [member("Area", ["=Fields!Area.Value"], header=(20, head("=Fields!Area.Value", align="Center")))],
                       corner=[[(text(""), 1, 1)]]),
                size=(420, 160), data=rows("Category|Area|Sales(Decimal)", *lines))


YEARS = ("2003", "2004")


def areas(row_members, body, widths, size, lines, corner, area):
    centre = {"align": "Center", "valign": "Middle", "fill": BLUE}
    columns = [member(header=(25, head(area, **centre)), members=[
                   member("Country", ["=Fields!Country.Value"], header=(25, head("=Fields!Country.Value", **centre)))]),
               member("Year", ["=Fields!Year.Value"], header=(50, head("=Fields!Year.Value", **centre))),
               member(header=(50, head("Total", **centre)))]
    return page(tablix(widths, body, row_members, columns, corner=corner), size=size,
                data=rows("Category|Sub|Country|Year|Sales(Decimal)", *lines))


def three(form, **looks):
    return [amount("=Sum(Fields!Sales.Value)", form=form, valign="Middle", **looks) for _ in range(3)]


@picture("rs-basicmatrixadjacentgroupspreview.gif", (720, 186), ["$57,629", "$2,148", "$3,206", "$44,193", "$19,745", "$20,945", "$28,389", "$8,488"])
def matrix_of_neighbours():
    table = {"Bike Racks": (("14223.2", "20563.3", "22842.5"), ("32637.4", "24991.6")), "Bottles and Cages": ((758, 636, 754), (1300, 848)),
             "Cleaners": (("860.3", "1022.3", "1323"), ("1936.3", "1269.3")), "Helmets": ((10661, 12587, 20945), (28389, 15804)),
             "Hydration Packs": (("6786.6", "5749.6", "7208.8"), (11257, 8488))}
    lines = [f"Accessories|{l}" for sub, (c, y) in table.items() for l in spread(sub, zip(("DE", "FR", "GB"), c), zip(YEARS, y))]
    groups = member("Category", ["=Fields!Category.Value"], header=(100, head("=Fields!Category.Value")), members=[
        member("Sub", ["=Fields!Sub.Value"], header=(128, head("=Fields!Sub.Value")))])
    return areas([groups], [(24, three("C0"))], (78, 68, 70), (720, 186), lines, [[(text("", fill=BLUE), 2, 2), None], [None, None]], "Europe")


@picture("rs-basicmatrixnestedgroupstotalspreview.gif", (680, 300),
         ["$72,225.23", "$11,034.96", "$61,190.27", "$68,633.85", "$3,591.38", "$1,092,672.64", "$877,220.97", "$679,930.33",
          "$226,486.63", "$938,411.24", "$748,564.18", "$1,164,897.87"])
def matrix_with_totals():
    table = {("Clothing", "Caps"): (("2801.06", "9798.76"), ("9008.44", "3591.38")), ("Clothing", "Tights"): (("8233.90", "51391.51"), ("59625.41", "0")),
             ("Components", "Chains"): (("793.83", "4972.00"), ("3543.48", "2222.35")),
             ("Components", "Cranksets"): (("18515.99", "105118.64"), ("72889.77", "50744.86")),
             ("Components", "Touring Frames"): (("196141.85", "767130.33"), ("603497.08", "359775.10"))}
    lines = [f"{c}|{l}" for (c, sub), (across, down) in table.items() for l in spread(sub, zip(("CA", "US"), across), zip(YEARS, down))]
    sub = member("Sub", ["=Fields!Sub.Value"], header=(78, head("=Fields!Sub.Value")))
    groups = member("Category", ["=Fields!Category.Value"], header=(88, head("=Fields!Category.Value")), members=[
        sub, member(before=True, header=(78, head("Total", fill=GOLD)))])
    grand = member(before=True, header=(88, head("Grand Total", fill=BLUE)), members=[member(header=(78, head("", fill=BLUE)))])
    title = text("", fill=BLUE, box=GRID, valign="Middle", paragraphs=[
        paragraph(run("Sales by"), align="Center"),
        paragraph(run("Area", weight="Bold"), run(" and "), run("Year", weight="Bold"), align="Center")])
    body = [(25, three("C")), (25, three("C", weight="Bold", fill=GOLD)), (25, three("C", weight="Bold", fill=BLUE))]
    return areas([groups, grand], body, (96, 90, 102), (680, 300), lines, [[(title, 2, 2), None], [None, None]], "North America")


# ---- lists and free forms

def drawing(red, green, blue, size=36):
    """A PNG of a disc, in base64."""
    lines = b""
    for y in range(size):
        lines += b"\0" + b"".join(bytes((red, green, blue) if (x - size / 2 + .5) ** 2 + (y - size / 2 + .5) ** 2 < size * size / 4.6 else (255, 255, 255))
                                  for x in range(size))
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) +
                            chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")).decode()


@picture("rs-basiclistformpreview.gif", (420, 240), ["July 01, 2001", "S043677", "Long-Sleeve Logo Jersey, L", "$2,146.96"])
def list_of_forms():
    dashed = border("Dashed", "Black")
    form = rectangle(
        text("=Fields!Day.Value", at=(16, 8, 170, 26), box=dashed, weight="Bold", form="MMMM dd, yyyy", align="Left"),
        text("=Fields!Order.Value", at=(224, 10, 172, 26), box=dashed, weight="Bold", align="Right"),
        text("=Fields!Qty.Value", at=(16, 40, 98, 26), box=dashed, align="Right"),
        text("=Fields!Product.Value", at=(126, 40, 190, 26)),
        text("=Fields!Total.Value", at=(16, 72, 190, 26), box=dashed, weight="Bold", align="Right", form="C"),
        database_image("=System.Convert.FromBase64String(Fields!Picture.Value)", at=(334, 46, 60, 52), box=border("Double", "Black", "3px")),
        box=border("Solid", "#808080"))
    return page(tablix((400,), [(106, [form])], [member("Rows")]), size=(420, 240), data=rows(
        "Day(Date)|Order|Qty(Integer)|Product|Total(Decimal)|Picture",
        f"2001-07-01|S043677|3|Long-Sleeve Logo Jersey, L||{drawing(40, 70, 160)}", f"2001-07-01|S043677|1|Road-150 Red, 56|2146.96|{drawing(190, 40, 40)}"))


@picture("rs-basiclistgrouppreview.gif", (541, 279), ["Bikes", "$25,998,934.56", "$28,760,967.50", "$9,920,485.64", "North America"])
def list_of_tables():
    lines = ("Bikes|Mountain Bikes|Europe|6000000", "Bikes|Mountain Bikes|North America|15998934.56", "Bikes|Mountain Bikes|Pacific|4000000",
             "Bikes|Road Bikes|Europe|10760967.50", "Bikes|Road Bikes|North America|18000000", "Bikes|Touring Bikes|Pacific|9920485.64")
    fill = f'=Switch(Fields!Product.Value = "Road Bikes", "{GOLD}", Fields!Product.Value = "Touring Bikes", "{STEEL}", True, "{BLUE}")'
    products = tablix((126, 126), [(24, [head("Product"), head("Sales Total", align="Center")]),
                                   (23, [head("=Fields!Product.Value", fill=fill), amount("=Sum(Fields!Sales.Value)", weight="Bold", fill=fill)])],
                      [member(after=True), member("Product", ["=Fields!Product.Value"], "=Fields!Product.Value")], at=(0, 24))
    places = tablix((126, 126), [(24, [head("Geography"), head("Sales Totals", align="Center")]),
                                 (60, [head("=Fields!Area.Value"), amount("=Sum(Fields!Sales.Value)")])],
                    [member(after=True), member("Area", ["=Fields!Area.Value"], "=Fields!Area.Value")], at=(270, 24))
    form = rectangle(text("=Fields!Category.Value", at=(0, 0, 200, 22), weight="Bold", size="11pt", color="#203080"), products, places)
    return page(tablix((523,), [(120, [form])], [member("Category", ["=Fields!Category.Value"])]), size=(541, 279),
                data=rows("Category|Product|Area|Sales(Decimal)", *lines))


@picture("rs-databoundbikes.gif", (420, 330), ["Mountain bikes", "Mountain-400-W", "Touring-3000"])
def pictures_from_data():
    colours = {"Black": (20, 20, 20), "Silver": (180, 180, 185), "Red": (200, 40, 40), "Orange": (230, 110, 70), "Yellow": (220, 210, 60), "Blue": (60, 80, 190)}
    bikes = (("Mountain bikes", "Mountain-300", "Black"), ("Mountain bikes", "Mountain-100", "Silver"), ("Mountain bikes", "Mountain-400-W", "Red"),
             ("Road bikes", "Road-450", "Red"), ("Road bikes", "Road-250", "Orange"), ("Road bikes", "Road-550-W", "Yellow"),
             ("Touring bikes", "Touring-1000", "Yellow"), ("Touring bikes", "Touring-3000", "Blue"))
    under = {"sides": {"Bottom": border("Solid", "Black")}}
    row = [text("=Fields!Product.Value", **under), text("=Fields!Color.Value", **under),
           database_image("=System.Convert.FromBase64String(Fields!Picture.Value)")]
    heads = [text(h, weight="Bold", **under) for h in ("Product", "Color", "Picture")]
    by = member("Category", ["=Fields!Category.Value"], header=(110, text("=Fields!Category.Value", **under)), members=[member("Rows")])
    return page(tablix((110, 90, 80), [(24, heads), (31, row)], [
        member(after=True, header=(110, text("Category", weight="Bold", **under)), members=[member()]), by]), size=(420, 330),
        data=rows("Category|Product|Color|Picture", *(f"{c}|{p}|{k}|{drawing(*colours[k])}" for c, p, k in bikes)))


@picture("rs-textboxorientation.gif", (460, 110), ["Horizontal", "Rotated by 270 Degrees", "Vertical"])
def text_turned():
    def one(left, width, mode, label):
        return (text("January", at=(left, 8, width, 56), writing=mode, fill=GOLD, box=border("Solid", "#c08000"), weight="Bold",
                     align="Center", valign="Middle" if width < 40 else "Top") + text(label, at=(left - 4, 70, 116 if left > 300 else 160, 18)))
    return page(one(4, 66, "Horizontal", "Horizontal"), one(180, 24, "Rotate270", "Rotated by 270 Degrees"), one(328, 24, "Vertical", "Vertical"),
                size=(460, 110))


@picture("rs-htmlformatting.gif", (330, 190), ["A bar chart displays category data horizontally", "readability", "understandability", "Books Online"])
def text_with_markup():
    markup = ("<p>A <b>bar chart</b> displays category data horizontally. This can help to:</p><ul><li>Improve <i>readability</i> of long category "
              "names.</li><li>Improve <i>understandability</i> of times plotted as values.</li><li>Compare the relative value of multiple series.</li></ul>"
              '<p>For more information, go to SQL Server <a href="https://docs.example/">Books Online</a> on docs.example</p>')
    return page(text(markup, at=(4, 4, 306, 160), markup="HTML", box=border("Dashed", "Blue", "4px"), font="Arial", size="9pt", pad=(8, 8, 8, 8)), size=(330, 190))


@picture("rs-mixedformattext.gif", (256, 150), ["Sales Chart", "Top Five Sellers for 2009", "Link to more details"])
def text_of_many_looks():
    blue = "#1a1a8c"
    return page(text("", at=(4, 8, 226, 110), box=border("Double", "#2e8b57", "4px"), pad=(24, 12, 4, 4), paragraphs=[
        paragraph(run("Sales Chart", size="14pt", weight="Bold", color=blue)),
        paragraph(run("Top Five Sellers for 2009", slant="Italic", color="Blue")), paragraph(run(" ")),
        paragraph(run("Link to more details", color="Blue", line="Underline", link="https://docs.example/"))]), size=(256, 150))


@picture("rs-nesteddataregion.gif", (520, 290), ["Sales Summary", "20,330,657", "2,522,836", "7,437,594", "Total", "23,701,826", "31,069,082", "15,682,879"])
def matrix_that_opens():
    # the first person of each manager carries what the picture does not show
    lines = ("Jian, Stephen|Blythe, Michael|2002|20330657", "Jian, Stephen|Blythe, Michael|2003|22930001", "Jian, Stephen|Blythe, Michael|2004|10931024",
             "Alberts, Amy|Pak, Jae|2002|2522836", "Alberts, Amy|Pak, Jae|2003|4172459", "Alberts, Amy|Pak, Jae|2004|1808043",
             "Alberts, Amy|Varkey, Ranjit|2002|848333", "Alberts, Amy|Varkey, Ranjit|2003|2286700", "Alberts, Amy|Varkey, Ranjit|2004|1374856",
             "Alberts, Amy|Valdez, Rachel|2003|978435", "Alberts, Amy|Valdez, Rachel|2004|848632",
             "Abbas, Syed|Tsoflias, Lynn|2003|701487", "Abbas, Syed|Tsoflias, Lynn|2004|720324")
    soft, under = {"fill": "#f1fbdc"}, {"sides": {"Bottom": border("Dashed", "#c0c0c0")}}
    figure = {"align": "Right", "form": "#,0", **under}
    opened = '<Visibility><Hidden>=Fields!Manager.Value &lt;&gt; "Alberts, Amy"</Hidden><ToggleItem>Manager</ToggleItem></Visibility>'
    closed = '<Visibility><Hidden>=Fields!Manager.Value = "Alberts, Amy"</Hidden><ToggleItem>Manager</ToggleItem></Visibility>'
    people = member("Person", ["=Fields!Person.Value"], header=(92, text("=Fields!Person.Value", color="#203080"))).replace("<TablixHeader>", opened + "<TablixHeader>", 1)
    total = member(before=True, header=(92, text("Total", color="Gray", **under))).replace("<TablixHeader>", opened + "<TablixHeader>", 1)
    alone = member(header=(92, text("", **under))).replace("<TablixHeader>", closed + "<TablixHeader>", 1)
    manager = text("=Fields!Manager.Value", name_="Manager", toggle='=Fields!Manager.Value = "Alberts, Amy"', **soft)
    by = member("Managers", ["=Fields!Manager.Value"], header=(116, manager), members=[people, total, alone])
    grand = member(before=True, header=(116, text("Total", **soft)), members=[member(header=(92, text("")))])
    body = [(22, [text("=Sum(Fields!Sales.Value)", align="Right", form="#,0")]), (22, [text("=Sum(Fields!Sales.Value)", color="Gray", **figure)]),
            (22, [text("=Sum(Fields!Sales.Value)", **figure)]), (22, [text("=Sum(Fields!Sales.Value)", align="Right", form="#,0")])]
    return page(text("Sales Summary", at=(8, 0, 250, 30), size="14pt"),
                tablix((82,), body, [by, grand], [member("Year", ["=Fields!Year.Value"], "=Fields!Year.Value", header=(40, text("=Fields!Year.Value", valign="Bottom", **soft, **under)))],
                       at=(8, 40), corner=[[(text("Sales Manager", color="Gray", valign="Bottom", **under), 1, 1), (text("Sales Person", color="Gray", valign="Bottom", **under), 1, 1)]]),
                size=(520, 290), data=rows("Manager|Person|Year|Sales(Integer)", *lines))


def contacts():
    return page(tablix((110, 120, 100), [(16, [text(f"=Fields!{f}.Value", pad=(2, 1, 2, 1), size="7pt") for f in ("Name", "Role", "Phone")])], [member("Rows")]),
                size=(350, 60), margin=0, data=rows("Order|Name|Role|Phone", "SO50750|Jean Handley|Purchasing Manager|582-555-0113",
                                                    "SO50750|Carina Stanev|Purchasing Agent|597-555-0100", "SO99999|Nobody|None|0")
                .replace("</DataSet>", "<Filters><Filter><FilterExpression>=Fields!Order.Value</FilterExpression><Operator>Equal</Operator>"
                         "<FilterValues><FilterValue>=Parameters!Order.Value</FilterValue></FilterValues></Filter></Filters></DataSet>"),
                parameters='<ReportParameter Name="Order"><DataType>String</DataType><Prompt>Order</Prompt></ReportParameter>')


@picture("rs-subreport.gif", (420, 200), ["Jean Handley", "Purchasing Manager", "597-555-0100"], beside=[("Contacts", contacts)])
def report_in_a_report():
    return page(text("Sales Order SO50750", at=(0, 0, 300, 28), size="14pt", weight="Bold", color="#203080"),
                text("Contact:", at=(0, 40, 80, 18), color="Gray"), rectangle(subreport("Contacts", (4, 4, 350, 60), Order="=\"SO50750\""),
                                                                            at=(0, 60, 380, 70), box=border("Solid", "#a2bdd4")),
                text("Terms: thirty days", at=(0, 140, 200, 20)), size=(420, 200))


@picture("rspagecolumns.gif", (456, 453), ["Page Header", "Page Footer", "Item 1", "Item 40"])
def page_columns():
    band = "<{0}><Height>{1}</Height><PrintOnFirstPage>true</PrintOnFirstPage><PrintOnLastPage>true</PrintOnLastPage><ReportItems>{2}</ReportItems></{0}>"
    return page(tablix((190,), [(17, [text('="Item " & Fields!N.Value', pad=(4, 1, 4, 1))])], [member("Rows")]), size=(456, 453), margin=16, body=(200, 17),
                header=band.format("PageHeader", "0.3in", text("Page Header", at=(0, 0, 424, 24), align="Center", box=border("Solid", "#e06060"))),
                footer=band.format("PageFooter", "0.3in", text("Page Footer", at=(0, 2, 424, 24), align="Center", box=border("Solid", "#e06060"))),
                columns="<Columns>2</Columns><ColumnSpacing>0.2in</ColumnSpacing>", data=rows("N(Integer)", *(str(n) for n in range(1, 41))))


NEWS = (("Central", "Lauren Johnson", "66235.40"), ("North", "Warren Pal", "66391.35"), ("South", "Fernando Ross", "59855.40"))
ORANGE = "#d9541e"


@picture("tutorial-newsletters.png", (665, 351), ["Newsletter for Central", "Hello Lauren Johnson,", "$66,235.40", "$66,391.35", "$59,855.40"])
def letters():
    body = ("We thank every store of the territory for a good season. The new cases and adapters came in time, the fair in spring brought "
            "more visitors than any before it, and the service desk answered within a day all winter long. ") * 2
    small = {"font": "Segoe UI", "size": "8pt"}
    letter = rectangle(
        text('="Newsletter for " & Fields!Territory.Value', at=(6, 6, 200, 16), weight="Bold", color=ORANGE, pad=(2, 0, 2, 0), **small),
        text('="Hello " & Fields!Person.Value & ","', at=(6, 22, 200, 16), weight="Bold", pad=(2, 0, 2, 0), **small),
        text(body, at=(6, 48, 200, 240), pad=(2, 0, 2, 0), **small),
        text('="Congratulations on your total sales of " & Format(Fields!Sales.Value, "C") & "!"', at=(6, 296, 200, 30), weight="Bold", color=ORANGE, pad=(2, 0, 2, 0), **small),
        looks="<BackgroundColor>#d3d3d3</BackgroundColor>")
    return page(tablix((212,), [(335, [letter])], [member()], [member("Territory", ["=Fields!Territory.Value"])]), size=(665, 351),
                data=rows("Territory|Person|Sales(Decimal)", *("|".join(n) for n in NEWS)))


@picture("tutorial-reportsalestotals-formatted.png", (343, 334), ["Congratulations on your total sales of", "$66,244.40", "385", "$10,191.00"])
def free_form():
    lines = ("Carrying Case|2009-01-05|68|16996.60", "Lens Adapter|2009-01-05|17|1147.50", "Tripod|2009-01-05|18|1350.00", "Compact Digital|2009-01-05|79|10191.00",
             "Slim Digital|2009-01-05|38|7218.10", "Carrying Case|2009-01-06|54|13497.30", "Lens Adapter|2009-01-06|13|887.50", "Tripod|2009-01-06|16|1200.00",
             "Compact Digital|2009-01-06|30|3870.00", "Slim Digital|2009-01-06|52|9886.40")
    small = {"font": "Segoe UI", "size": "8pt", "pad": (4, 2, 4, 2)}
    white = {"color": "White", "fill": "#5ba3f5", "weight": "Bold"}
    top = [cell(h, **small, **white) for h in ("Product", "Sales Date", "Quantity", "Sales")]
    row = [cell("=Fields!Product.Value", **small), cell("=Fields!Day.Value", align="Right", form="d", **small), cell("=Fields!Qty.Value", align="Right", **small),
           amount("=Fields!Sales.Value", **small)]
    last = [cell("", **small), cell("", **small), cell("=Sum(Fields!Qty.Value)", align="Right", **small), amount("=Sum(Fields!Sales.Value)", **small)]
    return page(text('="Congratulations on your total sales of " & Format(Sum(Fields!Sales.Value, "D"), "C") & "!"', at=(6, 4, 210, 30), color=ORANGE, weight="Bold", **small),
                tablix((94, 70, 74, 84), [(21, top), (22, row), (22, last)], [member(after=True), member("Rows"), member(before=True)], at=(6, 38)),
                size=(343, 334), margin=2, looks="<BackgroundColor>#d3d3d3</BackgroundColor>", data=rows("Product|Day(Date)|Qty(Integer)|Sales(Decimal)", *lines))


@picture("rs-tut-parameter.gif", (440, 180), ["Parameterized Product Sales", "Contoso Catalog Store", "3850", "5853", "10953", "Total"])
def matrix_of_stores():
    lines = ("Accessories|Contoso Catalog Store|1895", "Accessories|Contoso Asia Online Store|1955", "Camcorders|Contoso Catalog Store|1956",
             "Camcorders|Contoso Asia Online Store|1575", "Digital SLR Cameras|Contoso Catalog Store|2002", "Digital SLR Cameras|Contoso Asia Online Store|1570")
    dark, middle, light = {"fill": "#4a68a8", "color": "White"}, {"fill": "#6f8fd0", "color": "White"}, {"fill": "#9fb8e6"}
    edge = {"box": border("Solid", "White"), "pad": (4, 3, 4, 3)}
    figure = {"align": "Right", **edge}
    total = "=Sum(Fields!Sales.Value)"
    body = [(24, [text(total, fill="White", **figure), text(total, **figure, **middle)]), (24, [text(total, **figure, **middle), text(total, **figure, **middle)])]
    return page(text("Parameterized Product Sales", at=(0, 0, 300, 22), color="#4a68a8", size="9pt"),
                tablix((94, 94), body, [member("Sub", ["=Fields!Sub.Value"], header=(130, text("=Fields!Sub.Value", **edge, **light))),
                                        member(before=True, header=(130, text("Total", **edge, **middle)))],
                       [member("Store", ["=Fields!Store.Value"], header=(36, text("=Fields!Store.Value", **edge, **light))), member(header=(36, text("Total", **edge, **middle)))],
                       at=(0, 24), corner=[[(text("Subcategory", **edge, **dark), 1, 1)]]),
                size=(440, 180), data=rows("Sub|Store|Sales(Integer)", *lines))
