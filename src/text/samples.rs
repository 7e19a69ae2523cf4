//! Texts as programmers write them, for measuring how often an encoding is guessed right.
//!
//! Each language has comments, one a line, each of which is also tried alone in a C file; and prose.

/// A language, the encodings its files come in, its comments and its prose.
pub(super) struct Sample {
    pub language: &'static str,
    pub encodings: &'static [&'static str],
    pub comments: &'static str,
    pub prose: &'static str,
}

pub(super) const SAMPLES: &[Sample] = &[
    Sample {
        language: "Chinese",
        encodings: &["GBK"],
        comments: "\
初始化设备
检查参数是否合法
申请内存失败
释放锁
修改人：张伟，2012年3月
如果超时则重新发送
该函数不可重入，调用者须持有自旋锁
用户面隧道标识
配置文件不存在时使用默认值
注意：此处不能休眠",
        prose: "\
本文件实现基站侧的用户认证流程。收到终端的注册请求后，先检查签名，再向核心网发送鉴权请求；如果三次失败，则锁定该用户三十分钟。
密码以散列值保存，不得写入日志。修改本文件须经过安全评审。错误码的含义见接口说明书第四章。",
    },
    Sample {
        language: "Traditional Chinese",
        encodings: &["Big5"],
        comments: "\
初始化裝置
檢查參數是否合法
記憶體配置失敗
釋放鎖
修改者：陳志明，2012年3月
如果逾時則重新傳送
呼叫此函式前必須先取得鎖
使用者平面通道識別碼
設定檔不存在時使用預設值
注意：此處不可休眠",
        prose: "\
本檔案實作基地臺的使用者認證流程。收到終端的註冊請求後，先檢查簽章，再向核心網路發送鑑權請求；如果連續三次失敗，就鎖定該使用者三十分鐘。
密碼以雜湊值保存，不得寫入記錄檔。修改本檔案必須經過安全審查。錯誤碼的意義請參閱介面說明書第四章。",
    },
    Sample {
        language: "Japanese",
        encodings: &["Shift_JIS", "EUC-JP"],
        comments: "\
初期化
パラメータの確認
メモリ確保に失敗した場合
ロックを解放する
タイムアウトしたら再送信
この関数は再入不可
設定ファイルがない場合は既定値を使う
エラー処理
戻り値: 成功なら0
注意：ここでスリープしてはいけない",
        prose: "\
このファイルは基地局側の利用者認証を実装する。端末から登録要求を受け取ると、まず署名を確認し、次にコアネットワークへ認証要求を送る。
三回続けて失敗した場合は、その利用者を三十分間ロックする。パスワードはハッシュ値で保存し、ログに出力してはならない。",
    },
    Sample {
        language: "Korean",
        encodings: &["EUC-KR"],
        comments: "\
초기화
매개변수 확인
메모리 할당 실패
잠금 해제
시간이 초과되면 다시 전송
이 함수는 재진입할 수 없음
설정 파일이 없으면 기본값을 사용한다
오류 처리
반환값: 성공하면 0
주의: 여기서 잠들면 안 된다",
        prose: "\
이 파일은 기지국의 사용자 인증 절차를 구현한다. 단말에서 등록 요청을 받으면 먼저 서명을 확인하고, 그다음 핵심망으로 인증 요청을 보낸다.
세 번 연속으로 실패하면 해당 사용자를 삼십 분 동안 잠근다. 비밀번호는 해시값으로 저장하며 로그에 남기지 않는다.",
    },
    Sample {
        language: "Russian",
        encodings: &["windows-1251", "KOI8-R", "IBM866", "ISO-8859-5"],
        comments: "\
Инициализация
проверка параметров
не удалось выделить память
снять блокировку
автор: Иванов
если время истекло, послать ещё раз
функция не реентерабельна
файл настроек отсутствует, берём значения по умолчанию
обработка ошибок
внимание: здесь нельзя засыпать",
        prose: "\
Этот файл реализует аутентификацию пользователя на стороне базовой станции. Получив запрос на регистрацию, программа сначала
проверяет подпись, затем посылает запрос в ядро сети. После трёх неудачных попыток подряд пользователь блокируется на полчаса.
Пароли хранятся в виде хешей и не должны попадать в журнал.",
    },
    Sample {
        language: "Ukrainian",
        encodings: &["windows-1251", "KOI8-U"],
        comments: "\
перевірка параметрів
не вдалося виділити пам'ять
зняти блокування
якщо час вичерпано, надіслати ще раз
файл налаштувань відсутній
обробка помилок
увага: тут не можна засинати",
        prose: "\
Цей файл реалізує автентифікацію користувача на боці базової станції. Отримавши запит на реєстрацію, програма спершу перевіряє
підпис, потім надсилає запит до ядра мережі. Після трьох невдалих спроб поспіль користувача заблоковано на пів години.",
    },
    Sample {
        language: "Greek",
        encodings: &["windows-1253", "ISO-8859-7"],
        comments: "\
Αρχικοποίηση
έλεγχος παραμέτρων
αποτυχία δέσμευσης μνήμης
απελευθέρωση κλειδώματος
αν λήξει ο χρόνος, στείλε ξανά
χειρισμός σφαλμάτων
προσοχή: εδώ δεν επιτρέπεται αναμονή",
        prose: "\
Το αρχείο αυτό υλοποιεί τον έλεγχο ταυτότητας του χρήστη στον σταθμό βάσης. Όταν ληφθεί αίτημα εγγραφής, πρώτα ελέγχεται η
υπογραφή και έπειτα στέλνεται αίτημα στο δίκτυο κορμού. Μετά από τρεις αποτυχίες ο χρήστης κλειδώνεται για μισή ώρα.",
    },
    Sample {
        language: "German",
        encodings: &["windows-1252"],
        comments: "\
Größe prüfen
Rückgabewert
geändert von Jürgen Müller
Sperre lösen, bevor wir schlafen
für alle Empfänger
ungültiger Schlüssel
Überlauf verhindern
nächster Eintrag
maximale Länge in Bytes, einschließlich Abschlußnull
Zähler zurücksetzen",
        prose: "\
Diese Datei enthält die Prüfung der Benutzer auf der Seite der Basisstation. Trifft eine Anmeldung ein, so wird zuerst die
Signatur geprüft und dann das Kernnetz befragt. Nach drei Fehlversuchen wird der Benutzer für eine halbe Stunde gesperrt.
Kennwörter werden nur verschlüsselt gespeichert und dürfen nicht ins Protokoll.",
    },
    Sample {
        language: "French",
        encodings: &["windows-1252"],
        comments: "\
vérifier la taille
libère la mémoire
modifié par François Lefèvre
envoyé une deuxième fois après expiration du délai
clé non valide
créer la requête
paramètre déjà initialisé
à faire : gérer les erreurs
numéro de séquence
chaîne de caractères",
        prose: "\
Ce fichier réalise l'authentification de l'utilisateur du côté de la station de base. À la réception d'une demande
d'enregistrement, la signature est d'abord vérifiée, puis le cœur de réseau est interrogé. Après trois échecs, l'utilisateur
est bloqué pendant une demi-heure. Les mots de passe ne doivent jamais être écrits dans le journal.",
    },
    Sample {
        language: "Spanish",
        encodings: &["windows-1252"],
        comments: "\
verificar el tamaño
contraseña no válida
número máximo de reintentos
función auxiliar
petición de autenticación
liberar la sesión después del cierre
parámetro vacío
configuración por omisión",
        prose: "\
Este archivo realiza la autenticación del usuario en la estación base. Al recibir una petición de registro se comprueba primero
la firma y después se consulta la red troncal. Tras tres intentos fallidos el usuario queda bloqueado durante media hora.
Las contraseñas se guardan cifradas y no deben aparecer en el diario; véase también la sección de configuración.",
    },
    Sample {
        language: "Swedish",
        encodings: &["windows-1252"],
        comments: "\
kontrollera längden
frigör låset före återgång
ändrad av Björn Åkesson
ogiltigt lösenord
första försöket
räknare för återsändning
får inte sova här",
        prose: "\
Den här filen sköter autentiseringen av användaren i basstationen. När en begäran om registrering kommer in kontrolleras först
signaturen och därefter frågas kärnnätet. Efter tre misslyckade försök spärras användaren i en halvtimme.",
    },
    Sample {
        language: "Polish",
        encodings: &["windows-1250", "ISO-8859-2"],
        comments: "\
sprawdź długość
zwolnij blokadę
nieprawidłowe hasło
jeśli upłynął czas, wyślij ponownie
zmienił: Paweł Wójcik
obsługa błędów
wartość domyślna, gdy brak pliku ustawień
uwaga: tu nie wolno usypiać wątku",
        prose: "\
Ten plik realizuje uwierzytelnianie użytkownika po stronie stacji bazowej. Po otrzymaniu żądania rejestracji najpierw sprawdzany
jest podpis, a następnie wysyłane zapytanie do sieci szkieletowej. Po trzech nieudanych próbach użytkownik zostaje zablokowany
na pół godziny. Hasła są przechowywane jako skróty i nie mogą trafić do dziennika.",
    },
    Sample {
        language: "Czech",
        encodings: &["windows-1250", "ISO-8859-2"],
        comments: "\
zkontroluj délku
uvolni zámek před návratem
neplatné heslo uživatele
když vyprší čas, pošli znovu
ošetření chyb
výchozí hodnota, pokud chybí soubor s nastavením
pozor: zde se nesmí čekat",
        prose: "\
Tento soubor zajišťuje ověření uživatele na straně základnové stanice. Po přijetí žádosti o registraci se nejprve zkontroluje
podpis a potom se odešle dotaz do páteřní sítě. Po třech neúspěšných pokusech je uživatel na půl hodiny zablokován.",
    },
    Sample {
        language: "Turkish",
        encodings: &["windows-1254"],
        comments: "\
uzunluğu denetle
geçersiz parola
kilidi bırak
süre dolarsa yeniden gönder
hata işleme
ayar dosyası yoksa varsayılan değer kullanılır
dikkat: burada uyunmaz, kesme bağlamındayız",
        prose: "\
Bu dosya baz istasyonu tarafında kullanıcının kimliğini doğrular. Kayıt isteği gelince önce imza denetlenir, ardından çekirdek
şebekeye sorulur. Üç başarısız denemeden sonra kullanıcı yarım saat engellenir. Parolalar günlüğe yazılmaz.",
    },
    Sample {
        language: "Hebrew",
        encodings: &["windows-1255"],
        comments: "\
אתחול המערכת
בדיקת פרמטרים
הקצאת הזיכרון נכשלה
שחרור המנעול
אם פג הזמן שלח שוב
טיפול בשגיאות",
        prose: "\
קובץ זה מממש את אימות המשתמש בצד תחנת הבסיס. כאשר מתקבלת בקשת רישום נבדקת תחילה החתימה ולאחר מכן נשלחת שאילתה אל ליבת
הרשת. לאחר שלושה כישלונות המשתמש נחסם לחצי שעה.",
    },
    Sample {
        language: "Arabic",
        encodings: &["windows-1256"],
        comments: "\
تهيئة الجهاز
التحقق من المعاملات
فشل حجز الذاكرة
تحرير القفل
إعادة الإرسال عند انتهاء المهلة
معالجة الأخطاء",
        prose: "\
ينفذ هذا الملف مصادقة المستخدم في جانب المحطة القاعدية. عند وصول طلب التسجيل يتم التحقق من التوقيع أولا ثم يرسل طلب إلى
الشبكة الأساسية. بعد ثلاث محاولات فاشلة يمنع المستخدم لمدة نصف ساعة.",
    },
    Sample {
        language: "Thai",
        encodings: &["windows-874"],
        comments: "\
ตรวจสอบพารามิเตอร์
จองหน่วยความจำไม่สำเร็จ
ปลดล็อก
ถ้าหมดเวลาให้ส่งใหม่
จัดการข้อผิดพลาด",
        prose: "\
ไฟล์นี้ทำหน้าที่ยืนยันตัวตนของผู้ใช้ที่สถานีฐาน เมื่อได้รับคำขอลงทะเบียน จะตรวจสอบลายเซ็นก่อน แล้วจึงส่งคำถามไปยังเครือข่ายหลัก
หากล้มเหลวสามครั้ง ผู้ใช้จะถูกระงับเป็นเวลาครึ่งชั่วโมง",
    },
];

/// A C file without a comment but `//`, which takes the text.
const CODE: &str = r#"#include <stdio.h>
#include <string.h>
#include "auth.h"

#define MAX_TRIES 3

struct session {
    unsigned id;
    char user[32];
    int tries;
};

static struct session table[64];

// @
int auth_check(struct session *s, const char *password)
{
    if (s == NULL || password == NULL)
        return -1;
    if (strcmp(password, s->user) != 0) {
        if (++s->tries >= MAX_TRIES)
            printf("user %s locked\n", s->user);
        return -1;
    }
    s->tries = 0; // @
    return 0;
}

int auth_reset(unsigned id)
{
    // @
    for (int i = 0; i < 64; i++)
        if (table[i].id == id)
            memset(&table[i], 0, sizeof table[i]);
    return 0;
}
"#;

/// Returns the C file with its comments taken from `comments`, one after the other; there are three places.
pub(super) fn code(comments: &[&str]) -> String {
    let mut comments = comments.iter();
    let mut out = String::new();
    for (n, part) in CODE.split('@').enumerate() {
        if n > 0 {
            out.push_str(comments.next().unwrap_or(&""));
        }
        out.push_str(part);
    }
    out
}

/// Returns the texts to guess the encoding of: files with one comment each, with three, and prose.
pub(super) fn texts(sample: &Sample) -> [(&'static str, Vec<String>); 3] {
    let comments: Vec<&str> = sample.comments.lines().collect();
    [
        (
            "one comment",
            comments.iter().map(|c| code(&[*c])).collect(),
        ),
        ("three comments", comments.windows(3).map(code).collect()),
        ("prose", vec![sample.prose.to_owned()]),
    ]
}
