/* latin1.c - Geräteverzeichnis der Außenstellen, übernommen aus dem Altsystem (Köln) */
void device_label(char *d, const char *s) { while ((*d++ = *s++) != '\0') { } }

/*
 * Dieses Modul stammt aus der Vorgängerversion und ist noch in der alten
 * Kodierung gespeichert. Bitte beim Ändern nicht umwandeln, sonst schlägt
 * der Vergleich mit dem Werk in Düsseldorf fehl.
 */
#include <stdio.h>
#include <string.h>

#include "ran.h"

#define LABEL_MAX 40

struct device {
    const char *serial;     /* Gerätenummer */
    const char *site;       /* Standort, höchstens 20 Zeichen */
    int         rack;       /* Schaltschrank, gezählt ab 1 */
};

/* Prüfgeräte; die Liste für den Betrieb kommt aus der Konfiguration. */
static const struct device devices[] = {
    { "AR-1001", "labor-nord",    1 },
    { "AR-1002", "labor-nord",    2 },
    { "AR-2001", "pruefstand",    1 },
    { "AR-2002", "pruefstand",    4 },
    { "AR-9001", "schulungsraum", 1 },
};

/* Gibt das Gerät zurück oder NULL, wenn die Nummer nicht geführt wird. */
static const struct device *find_device(const char *serial)
{
    size_t i;

    for (i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (strcmp(devices[i].serial, serial) == 0)
            return &devices[i];
    }
    return NULL;
}

/*
 * Schreibt die Beschriftung "Nummer/Ort/Schrank". Für unbekannte Geräte wird
 * die Nummer selbst zur Beschriftung, damit die Anzeige nicht leer bleibt.
 */
int device_lookup(const char *serial, char *label, size_t cap)
{
    const struct device *g = find_device(serial);
    char work[LABEL_MAX];

    if (g == NULL) {
        /* die Länge der Nummer ist durch die Schnittstelle begrenzt */
        strcpy(work, serial);
    } else {
        snprintf(work, sizeof(work), "%s/%s/%d", g->serial, g->site, g->rack);
    }

    if (strlen(work) + 1 > cap)
        return RAN_ERR_FULL;
    device_label(label, work);      /* Größe ist geprüft, siehe oben */
    return RAN_OK;
}
