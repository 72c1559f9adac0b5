"""List sentences for the synthetic voices of the syllable training: call-centre talk and numbers in many languages.

All sentences were written for this purpose. Mandarin is written in pinyin with tone numbers (the eSpeak NG voice
``cmn-latn-pinyin`` reads it). Czech texts have no syllable without a vowel. Some languages are only for Festival
(`ESPEAK_VOICES` leaves them out). One is Italian: eSpeak NG gives one vowel event for each written vowel, also where
two make one syllable.
"""

import random

__all__ = ["ESPEAK_VOICES", "NUMBER_VOICES", "SENTENCES", "text_for"]

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "Thank you for calling, how may I help you today?",
        "I am going to put you through to a colleague who deals with refunds.",
        "Could you spell your family name for me, please?",
        "The parcel was supposed to arrive on Wednesday but nobody came.",
        "Yes, I see, that is really annoying, let me have a look.",
        "Please restart the router and wait until the light turns green.",
        "Well, I have already tried that three times this morning.",
        "Your subscription will be renewed automatically next February.",
        "No problem at all, take your time, I will wait.",
        "What exactly does the message on the screen say?",
        "Unfortunately the technician cannot visit before Thursday afternoon.",
        "I bought these headphones in August and the left one is broken.",
        "Yes, please.",
        "Right, I understand.",
        "Not at the moment, sorry.",
        "It was delivered to the wrong house, number seven instead of seventeen.",
        "Could I speak to your manager about the insurance claim?",
        "We moved in June and nobody has changed our address.",
        "The engineer said that he would come between eight and twelve.",
        "I will send you a new card, which takes about five working days.",
        "How many people are travelling with you on that day?",
        "The heating comes on at night and goes off in the morning.",
        "Would you mind waiting while I talk to the warehouse?",
        "There is a small fee if you change the booking after Friday.",
        "My father is in hospital, so I am calling for him.",
        "Nothing happens when I press the button on the back.",
        "Every evening around nine the picture freezes for a minute.",
        "You paid twice by accident, so we owe you thirty pounds.",
    ),
    "en-us": (
        "Hi there, I have a question about my last electricity bill.",
        "Okay, give me one second while the computer loads your account.",
        "That charge is a deposit, you get it back at the end of the year.",
        "Is there anything else I can do for you, sir?",
        "My daughter lost her password and we cannot get into the photos.",
        "You should receive an email with the instructions in a few minutes.",
        "I would rather cancel the whole order, to be honest.",
        "Go to settings, then privacy, then scroll all the way down.",
        "Sure, go ahead.",
        "Oh really?",
        "I never signed up for the premium package in the first place.",
        "Let me read the number back to you, just to make sure.",
        "The truck driver left it by the garage door, under the blue cover.",
        "We can offer you a credit on your next statement.",
        "I was on hold for forty minutes yesterday and then the line went dead.",
        "Which airport are you flying out of tomorrow afternoon?",
        "Hold on, my dog is barking at somebody outside.",
        "You will want to write this down, it is a long reference number.",
        "Your appointment with the doctor is on Monday at ten thirty.",
        "It keeps telling me that my password is not strong enough.",
    ),
    "de": (
        "Guten Tag, was kann ich für Sie tun?",
        "Ich habe vorgestern eine Rechnung bekommen, die nicht stimmt.",
        "Einen Augenblick bitte, ich schaue in Ihrem Vertrag nach.",
        "Die Lieferung verzögert sich leider um einige Werktage.",
        "Haben Sie das Gerät schon einmal neu gestartet?",
        "Das hat mir Ihre Kollegin aber gestern ganz anders erklärt.",
        "Selbstverständlich erstatten wir Ihnen den vollen Betrag.",
    ),
    "fr": (
        "Bonjour, que puis-je faire pour vous?",
        "Je voudrais changer l'adresse de livraison de ma commande.",
        "Ne quittez pas, je vous passe le service technique.",
        "La connexion est coupée depuis hier soir dans tout le quartier.",
        "Vous recevrez une confirmation par courrier électronique.",
        "C'est la troisième fois que j'appelle cette semaine.",
    ),
    "es": (
        "Buenos días, ¿en qué puedo ayudarle?",
        "Quisiera saber cuándo llega mi pedido.",
        "Un momento, por favor, voy a consultar sus datos.",
        "La factura de este mes es demasiado alta.",
        "Le devolveremos el dinero en cinco días laborables.",
        "He intentado entrar en la página pero no funciona.",
    ),
    "pt-br": (
        "Bom dia, em que posso ajudar?",
        "Eu queria cancelar a minha assinatura.",
        "O seu pedido já saiu do nosso depósito.",
        "Pode confirmar o número do seu telefone, por favor?",
    ),
    "nl": (
        "Goedemiddag, waarmee kan ik u helpen?",
        "Mijn pakket is gisteren bij de buren afgeleverd.",
        "Ik verbind u door met een medewerker van de afdeling.",
        "Kunt u dat nog een keer herhalen?",
    ),
    "pl": (
        "Dzień dobry, w czym mogę pomóc?",
        "Chciałbym złożyć reklamację na uszkodzony towar.",
        "Proszę chwilę poczekać, sprawdzę w systemie.",
        "Paczka powinna dotrzeć w przyszły wtorek.",
    ),
    "ru": (
        "Здравствуйте, чем я могу вам помочь?",
        "Я хотел бы узнать состояние моего заказа.",
        "Подождите минуту, я проверю ваши данные.",
        "К сожалению, этого товара сейчас нет.",
    ),
    "sv": (
        "Hej, vad kan jag hjälpa dig med?",
        "Jag har inte fått någon bekräftelse på min beställning.",
        "Vänta ett ögonblick så tittar jag efter.",
    ),
    "cmn-latn-pinyin": (
        "ni3 hao3 qing3 wen4 you3 shen2 me5 ke3 yi3 bang1 nin2",
        "wo3 xiang3 cha2 yi2 xia4 wo3 de5 ding4 dan1",
        "qing3 nin2 shao1 deng3 wo3 xian4 zai4 kan4 yi2 xia4",
        "zhe4 ge5 yue4 de5 zhang4 dan1 you3 wen4 ti2",
        "wo3 men5 hui4 zai4 san1 tian1 nei4 ba3 qian2 tui4 gei3 nin2",
        "dui4 bu5 qi3 na4 wei4 tong2 shi4 jin1 tian1 bu2 zai4",
        "nin2 de5 dian4 hua4 hao4 ma3 shi4 duo1 shao3",
        "wang3 luo4 cong2 zuo2 tian1 wan3 shang5 jiu4 duan4 le5",
    ),
    "hi": (
        "नमस्ते, मैं आपकी क्या मदद कर सकता हूँ?",
        "मेरा ऑर्डर अभी तक नहीं आया है",
        "कृपया एक मिनट रुकिए, मैं देखता हूँ",
    ),
    "tr": (
        "İyi günler, size nasıl yardımcı olabilirim?",
        "Siparişim hâlâ gelmedi, ne yapmam gerekiyor?",
        "Lütfen bir dakika bekleyin, hemen bakıyorum.",
    ),
    "it": (
        "Buongiorno, vorrei un aiuto per la bolletta della luce.",
        "Un momento, per favore, controllo subito i suoi dati.",
        "Il pacco doveva arrivare lunedì, ma non ho visto nessuno.",
        "La ringrazio, le mando una conferma per posta.",
        "Che cosa vede adesso sullo schermo?",
        "Ho già provato tre volte e non funziona mai.",
        "Va bene, aspetto volentieri.",
    ),
    "cs": (
        "Dobrý den, jak vám mohu pomoci?",
        "Potřebuji změnit adresu v objednávce.",
        "Okamžik, podívám se do systému.",
        "Balík měl dorazit minulou sobotu, ale nikdo nepřišel.",
        "Faktura za tento měsíc je příliš vysoká.",
        "Ano, to je pouze moje chyba, omlouvám se.",
        "Zkuste počítač vypnout a znovu zapnout.",
    ),
    "fi": (
        "Hyvää päivää, kuinka voin auttaa?",
        "Haluan muuttaa tilauksen osoitetta.",
        "Odottakaa hetki, katson tiedot koneelta.",
        "Lasku on tässä kuussa liian suuri.",
        "Paketti tulee vasta ensi viikolla.",
        "Yhteys katkesi eilen illalla koko talosta.",
        "Kiitos, hyvää jatkoa.",
    ),
    "ca": (
        "Bon dia, en què puc ajudar-lo?",
        "Voldria canviar la data de la comanda.",
        "Un moment, ara miro les seves dades.",
        "La factura d'aquest mes és massa alta.",
        "El paquet arribarà demà al matí.",
        "No passa res, moltes gràcies.",
    ),
    "mr": (
        "नमस्कार, मी तुमची काय मदत करू शकतो?",
        "माझा माल अजून आला नाही",
        "कृपया एक मिनिट थांबा, मी बघतो",
        "तुमचा फोन नंबर सांगा",
    ),
    "te": (
        "నమస్కారం, మీకు ఎలా సహాయం చేయగలను?",
        "నా వస్తువు ఇంకా రాలేదు",
        "దయచేసి ఒక నిమిషం ఆగండి",
        "మీ పేరు చెప్పండి",
    ),
    "hu": (
        "Jó napot kívánok, miben segíthetek?",
        "Szeretném megváltoztatni a szállítási címet.",
        "Egy pillanat türelmet kérek, megnézem az adatait.",
        "A csomag tegnap sem érkezett meg.",
        "Sajnos ezt a terméket már nem gyártják.",
    ),
    "uk": (
        "Добрий день, чим можу допомогти?",
        "Я хочу змінити адресу доставки.",
        "Зачекайте хвилину, я перевірю ваше замовлення.",
        "На жаль, зараз цього товару немає.",
    ),
    "bg": (
        "Добър ден, с какво мога да помогна?",
        "Искам да сменя адреса за доставка.",
        "Изчакайте една минута, ще проверя данните.",
        "Пратката трябваше да пристигне в сряда.",
    ),
    "sw": (
        "Habari za asubuhi, naweza kukusaidia vipi?",
        "Tafadhali subiri kidogo, ninatafuta jina lako.",
        "Mzigo wangu haujafika mpaka sasa.",
        "Asante sana, nitapiga simu kesho.",
    ),
    "id": (
        "Selamat pagi, apa yang bisa saya bantu?",
        "Mohon tunggu sebentar, saya periksa dahulu.",
        "Barang saya belum datang sampai hari ini.",
        "Nomor telepon anda berapa?",
    ),
    "ko": (
        "안녕하세요, 무엇을 도와 드릴까요?",
        "잠시만 기다려 주세요, 확인해 보겠습니다.",
        "주문한 물건이 아직 도착하지 않았습니다.",
        "전화번호를 다시 한번 말씀해 주세요.",
    ),
}

NUMBER_VOICES = ("en", "en-us", "en", "de", "fr", "es", "nl", "pl", "ru", "sv", "pt-br", "tr")
FESTIVAL_ONLY = ("it", "mr", "te")
ESPEAK_VOICES = tuple(voice for voice in SENTENCES if voice not in FESTIVAL_ONLY)


def text_for(voice: str, chance: random.Random) -> str:
    """Choose one or two sentences, sometimes with a number, for a voice of `SENTENCES`."""
    text = " ".join(chance.sample(SENTENCES[voice], k=min(len(SENTENCES[voice]), chance.choice((1, 1, 2)))))
    if voice in NUMBER_VOICES and chance.random() < 0.4:
        text += f" {chance.randint(11, 99_999)}."
    return text
