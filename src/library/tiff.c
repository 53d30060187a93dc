/* library/tiff.c - stands in for libtiff: pages as one TIFF. */
#include "library/stand_in.h"

#include <stdarg.h>
#include <tiffio.h>

static struct library tiff = {.file = "libtiff.so.6"};

STAND_IN(tiff, TIFFErrorHandler, TIFFSetErrorHandler, (TIFFErrorHandler handler), (handler))
STAND_IN(tiff, TIFFErrorHandler, TIFFSetWarningHandler, (TIFFErrorHandler handler), (handler))
STAND_IN(tiff, TIFF *, TIFFClientOpen,
         (const char *name, const char *mode, thandle_t data, TIFFReadWriteProc read, TIFFReadWriteProc write,
          TIFFSeekProc seek, TIFFCloseProc close, TIFFSizeProc size, TIFFMapFileProc map, TIFFUnmapFileProc unmap),
         (name, mode, data, read, write, seek, close, size, map, unmap))
STAND_IN(tiff, int, TIFFWriteScanline, (TIFF * file, void *pixels, uint32_t row, uint16_t sample),
         (file, pixels, row, sample))
STAND_IN(tiff, int, TIFFWriteDirectory, (TIFF * file), (file))
STAND_IN(tiff, void, TIFFClose, (TIFF * file), (file))
STAND_IN(tiff, int, TIFFVSetField, (TIFF * file, uint32_t tag, va_list values), (file, tag, values))

int TIFFSetField(TIFF *file, uint32_t tag, ...)
{
    va_list values;
    int is_set;

    va_start(values, tag);
    is_set = TIFFVSetField(file, tag, values);
    va_end(values);
    return is_set;
}
